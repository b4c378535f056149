import { createHash } from "node:crypto";
import type { DatasetImage } from "@crossread/contracts/dataset-manifest";
import { DomainError } from "@crossread/contracts/errors";
import type { Split } from "@crossread/contracts/split";
import { cohortDigest } from "@crossread/datasets/cohort-digest";
import type { Dataset } from "@crossread/datasets/dataset-directory";
import { splitBySubject } from "@crossread/datasets/subject-split";
import { createRandom } from "@crossread/metrics/random";
import { augment } from "@crossread/model/augment";
import type { ModelConfig } from "@crossread/model/config";
import type { Example } from "@crossread/model/example";
import { loadExamples } from "./dataset-examples.ts";
import { splitFractions } from "./site-cohorts.ts";

export interface TrainingCohort {
  readonly train: readonly Example[];
  readonly tuning: readonly Example[];
  readonly test: readonly Example[];
  readonly digest: string;
}

export type ProtocolSplit = (options: {
  dataset: Dataset;
  config: ModelConfig;
  seed: number;
}) => Promise<TrainingCohort>;

const copiesPerImage = 6;

/** No patient is in two splits; augmentation happens later and on training images only. */
export function patientSplit(name: string): ProtocolSplit {
  if (name !== "patient") throw new DomainError("usage", `--protocol takes patient or paper, got "${name}".`);
  return async ({ config, dataset, seed }) => {
    const images = dataset.manifest.images;
    const examples = await loadExamples(dataset.directory, images, config);
    const splits = splitBySubject({ images, seed, fractions: splitFractions });
    const of = (split: Split) => examples.filter((example) => splits.get(example.subjectId) === split);
    const members = images.map((image) => member(image, splits.get(image.subjectId) ?? "train"));
    return {
      train: of("train"),
      tuning: of("tuning"),
      test: of("internal-test"),
      digest: cohortDigest(members),
    };
  };
}

/** The leak, on purpose: six augmented copies of each image, then a random split of the copies. */
export const paperSplit: ProtocolSplit = async ({ config, dataset, seed }) => {
  const images = dataset.manifest.images;
  const examples = await loadExamples(dataset.directory, images, config);
  const random = createRandom(seed).fork("protocol paper");
  const copies = examples.flatMap((example) =>
    Array.from({ length: copiesPerImage }, (_, copy) => ({
      ...example,
      exampleId: `${example.exampleId}#${copy}`,
      pixels: augment(example.pixels, config.imageSize, random.fork(`${example.exampleId}#${copy}`)),
    })),
  );
  const shuffled = random.shuffle(copies);
  const testCount = Math.round(shuffled.length * splitFractions["internal-test"]);
  const tuningCount = Math.round(shuffled.length * splitFractions.tuning);
  const digest = createHash("sha256").update(`paper ${seed} ${copiesPerImage}`);
  for (const image of images) digest.update(image.sha256);
  return {
    test: shuffled.slice(0, testCount),
    tuning: shuffled.slice(testCount, testCount + tuningCount),
    train: shuffled.slice(testCount + tuningCount),
    digest: digest.digest("hex"),
  };
};

const member = (image: DatasetImage, split: Split) => ({
  siteId: image.siteId ?? "",
  subjectId: image.subjectId,
  imageId: image.imageId,
  sha256: image.sha256,
  split,
  label: image.label,
});
