import { createHash } from "node:crypto";
import type { DatasetImage } from "@crossread/contracts/dataset-manifest";
import { DomainError } from "@crossread/contracts/errors";
import type { Split } from "@crossread/contracts/split";
import { cohortDigest } from "@crossread/datasets/cohort-digest";
import { splitBySubject } from "@crossread/datasets/subject-split";
import { createRandom } from "@crossread/metrics/random";
import { augment } from "@crossread/model/augment";
import type { ModelConfig } from "@crossread/model/config";
import type { Example } from "@crossread/model/example";
import { splitFractions } from "./site-cohorts.ts";

export interface TrainingCohort {
  readonly train: readonly Example[];
  readonly tuning: readonly Example[];
  readonly test: readonly Example[];
  readonly digest: string;
}

export interface LoadedDataset {
  readonly images: readonly DatasetImage[];
  /** In the order of the images. */
  readonly examples: readonly Example[];
}

/** Which images take part, how they are split, and where the threshold comes from. */
export interface Protocol {
  readonly name: "patient" | "paper";
  readonly select: (images: readonly DatasetImage[]) => readonly DatasetImage[];
  readonly split: (data: LoadedDataset, options: { config: ModelConfig; seed: number }) => TrainingCohort;
  /** "tuning": chosen there by Youden's index; "argmax": the class with the larger probability (eq. 12). */
  readonly threshold: "tuning" | "argmax";
  /** What decides the cohort besides dataset and seed. */
  readonly settings: Readonly<Record<string, string | number>>;
  /** The sentence under the numbers. */
  readonly caution: string;
}

/** Copies of a film that bring MIAS nearest to figure 10's 768 test images: a fifth of 322 · 12 is 773, of 55 · 70 it is 770. */
const copiesByFilms = { all: 12, masses: 70 } as const;
type Films = keyof typeof copiesByFilms;

export function requireProtocol(name: string, options: { films?: string; copies?: number }): Protocol {
  if (name !== "patient" && name !== "paper") {
    throw new DomainError("usage", `--protocol takes patient or paper, got "${name}".`);
  }
  const { copies, films } = options;
  if (name === "patient") {
    if (films !== undefined || copies !== undefined) {
      throw new DomainError("usage", "--films and --copies belong to --protocol paper.");
    }
    return patientProtocol;
  }
  if (films !== undefined && films !== "all" && films !== "masses") {
    throw new DomainError("usage", `--films takes all or masses, got "${films}".`);
  }
  return paperProtocol(films ?? "all", copies ?? copiesByFilms[films ?? "all"]);
}

/** No patient is in two splits; augmentation happens later and on training images only. */
const patientProtocol: Protocol = {
  name: "patient",
  select: (images) => images,
  threshold: "tuning",
  settings: {},
  caution: "Protocol patient: no patient is in two splits.",
  split: ({ examples, images }, { seed }) => {
    const splits = splitBySubject({ images, seed, fractions: splitFractions });
    const of = (split: Split) => examples.filter((example) => splits.get(example.subjectId) === split);
    return {
      train: of("train"),
      tuning: of("tuning"),
      test: of("internal-test"),
      digest: cohortDigest(images.map((image) => member(image, splits.get(image.subjectId) ?? "train"))),
    };
  },
};

/** The leak, on purpose: augmented copies of each image first, then a random split of the copies, stratified by class. */
function paperProtocol(films: Films, copies: number): Protocol {
  return {
    name: "paper",
    select: films === "all" ? (images) => images : selectMasses,
    threshold: "argmax",
    settings: { films, copies },
    caution:
      "Protocol paper: copies of one image are in training and test. These numbers are not performance.",
    split: ({ examples, images }, { config, seed }) => {
      const random = createRandom(seed).fork("protocol paper");
      const copied = examples.flatMap((example) =>
        Array.from({ length: copies }, (_, copy) => {
          const exampleId = `${example.exampleId}#${copy}`;
          const pixels = augment(example.pixels, config.imageSize, random.fork(exampleId));
          return { ...example, exampleId, pixels };
        }),
      );
      const cohort: Record<"train" | "tuning" | "test", Example[]> = { train: [], tuning: [], test: [] };
      for (const label of [0, 1]) {
        const shuffled = random.fork(`split ${label}`).shuffle(copied.filter((copy) => copy.label === label));
        const testCount = Math.round(shuffled.length * splitFractions["internal-test"]);
        const tuningCount = Math.round(shuffled.length * splitFractions.tuning);
        cohort.test.push(...shuffled.slice(0, testCount));
        cohort.tuning.push(...shuffled.slice(testCount, testCount + tuningCount));
        cohort.train.push(...shuffled.slice(testCount + tuningCount));
      }
      const digest = createHash("sha256").update(`paper ${seed} ${copies}`);
      for (const image of images) digest.update(image.sha256);
      return { ...cohort, digest: digest.digest("hex") };
    },
  };
}

/** Films with a marked mass: on MIAS 35 benign and 20 malignant, near figure 10's share of 34 % malignant (all films: 16 %). */
function selectMasses(images: readonly DatasetImage[]): readonly DatasetImage[] {
  const masses = images.filter((image) => image.lesions.some((lesion) => lesion.kind.endsWith("-mass")));
  if (masses.length === 0) {
    throw new DomainError("dataset-invalid", "--films masses needs images with a marked mass, got none.");
  }
  return masses;
}

const member = (image: DatasetImage, split: Split) => ({
  siteId: image.siteId ?? "",
  subjectId: image.subjectId,
  imageId: image.imageId,
  sha256: image.sha256,
  split,
  label: image.label,
});
