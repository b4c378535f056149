import { readFile } from "node:fs/promises";
import type { Command } from "commander";
import { DomainError } from "@crossread/contracts/errors";
import { readDataset } from "@crossread/datasets/dataset-directory";
import { readImageFile } from "@crossread/dicom/image-file";
import type { ClusteredMean } from "@crossread/metrics/clustered-mean";
import { createRandom } from "@crossread/metrics/random";
import type { ModelConfig } from "@crossread/model/config";
import { createEngine } from "@crossread/model/engine-choice";
import type { SaliencyLayer } from "@crossread/model/engine";
import type { Example } from "@crossread/model/example";
import { preprocess } from "@crossread/model/preprocess";
import type { MapPlane } from "@crossread/model/saliency-frame";
import { parseInteger, seedRange } from "../arguments.ts";
import { readCheckpoint } from "../checkpoint-directory.ts";
import { loadExamples } from "../dataset-examples.ts";
import { formatTable, printProgress, printResult } from "../output.ts";
import {
  compareMaps,
  mapsOf,
  sanityChecks,
  similarityNames,
  type SanityReport,
  type Similarity,
} from "../saliency-sanity.ts";

interface SaliencyCheckOptions {
  readonly checkpoint: readonly string[];
  readonly data?: string;
  readonly limit: number;
  readonly layer: string;
  readonly class: number;
  readonly seed: number;
  readonly engine: string;
  readonly json?: boolean;
}

export function registerSaliencyCheck(program: Command): void {
  program
    .command("saliency-check")
    .description(
      "Do the maps depend on what the model has learned? Weight randomisation, and agreement between checkpoints.",
    )
    .argument("[FILE...]", "image files, each a patient of its own")
    .option("--data <DATASET>", "dataset directory instead of files")
    .option(
      "--checkpoint <DIR>",
      "checkpoint directory; given more than once, the checkpoints' maps are compared too and the first is randomised",
      (directory: string, earlier: readonly string[]) => [...earlier, directory],
      [],
    )
    .option(
      "--limit <N>",
      "images of the dataset at most, drawn by the seed, half malignant where there are enough",
      parseInteger({ minimum: 2, maximum: 10_000 }),
      24,
    )
    .option("--layer <L>", "cbam or last-conv", "cbam")
    .option("--class <K>", "0 = benign, 1 = malignant", parseInteger({ minimum: 0, maximum: 1 }), 1)
    .option(
      "--seed <S>",
      "of the fresh weights, the drawn images and the intervals",
      parseInteger(seedRange),
      42,
    )
    .option("--engine <NAME>", "onnx, onnx-cuda, onnx-webgpu, tensorflow or cpu", "onnx")
    .option("--json", "print one JSON object")
    .action(check);
}

async function check(files: readonly string[], options: SaliencyCheckOptions): Promise<void> {
  const request = { classIndex: options.class, layer: requireLayer(options.layer) };
  const checkpoints = [];
  for (const directory of options.checkpoint) {
    checkpoints.push({ directory, model: await readCheckpoint(directory) });
  }
  const [first] = checkpoints;
  if (first === undefined) throw new DomainError("usage", "saliency-check needs a --checkpoint.");
  const { config } = first.model;
  const other = checkpoints.find(({ model }) => model.config.imageSize !== config.imageSize);
  if (other !== undefined) {
    throw new DomainError(
      "usage",
      `Checkpoints are compared on one input size: ${first.directory} takes ${config.imageSize} px, ${other.directory} ${other.model.config.imageSize} px.`,
    );
  }
  const examples = await findExamples(files, options, config);
  const engine = await createEngine(options.engine);
  const settings = { engine, request, seed: options.seed };
  const drawn: { readonly directory: string; readonly maps: readonly MapPlane[] }[] = [];
  for (const [index, { directory, model }] of checkpoints.entries()) {
    drawn.push({ directory, maps: await mapsOf(model, examples, settings) });
    printProgress(`Maps of ${index + 1} of ${checkpoints.length} checkpoints`);
  }
  const maps = drawn[0]?.maps ?? [];
  const sanity = await sanityChecks(
    first.model,
    { examples, maps },
    { ...settings, onProgress: printProgress },
  );
  const agreement = drawn.flatMap((a, index) =>
    drawn.slice(index + 1).map((b) => ({
      first: a.directory,
      second: b.directory,
      similarity: compareMaps(a.maps, b.maps, { examples, seed: options.seed }),
    })),
  );
  const flatMaps = maps.filter(({ values }) => values.every((value) => value === values[0])).length;
  const result = {
    checkpoint: first.directory,
    checkpointId: first.model.checkpointId,
    imageCount: examples.length,
    subjectCount: new Set(examples.map(({ subjectId }) => subjectId)).size,
    ...request,
    flatMaps,
    ...sanity,
    agreement,
    reading: reading(sanity),
  };
  printResult(options, result, describe(result));
}

function requireLayer(layer: string): SaliencyLayer {
  if (layer === "cbam" || layer === "last-conv") return layer;
  throw new DomainError("usage", `--layer takes cbam or last-conv, got "${layer}".`);
}

async function findExamples(
  files: readonly string[],
  { data, limit, seed }: SaliencyCheckOptions,
  config: ModelConfig,
): Promise<Example[]> {
  if ((data === undefined) === (files.length === 0)) {
    throw new DomainError("usage", "saliency-check takes either files or --data.");
  }
  if (data === undefined) return Promise.all(files.map((file) => readExample(file, config)));
  const { directory, manifest } = await readDataset(data);
  const shuffled = createRandom(seed).fork("saliency images").shuffle(manifest.images);
  const malignant = shuffled.filter(({ label }) => label === "malignant").slice(0, Math.floor(limit / 2));
  const rest = shuffled.filter(({ label }) => label === "benign").slice(0, limit - malignant.length);
  return loadExamples(directory, [...malignant, ...rest], config);
}

async function readExample(file: string, config: ModelConfig): Promise<Example> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(file);
  } catch (cause) {
    throw new DomainError("file-missing", `There is no readable file ${file}.`, { cause });
  }
  const { gray } = await readImageFile(bytes, file);
  return { exampleId: file, subjectId: file, label: 0, pixels: preprocess(gray, config.imageSize).pixels };
}

/** What the numbers can say and what they cannot. */
function reading({ cascading, otherImage }: SanityReport): string {
  const last = cascading.at(-1)?.similarity ?? null;
  return [
    "A map that depends on what was learned loses its likeness to the original as layers are randomised;",
    `with every layer random the rank correlation is ${text(last?.spearman ?? null)},`,
    `between maps of different patients ${text(otherImage.spearman)}:`,
    "likeness well above that after randomisation means that the map shows the image or the architecture rather than the model.",
    "These checks can refute a map; they never show that it is right.",
  ].join(" ");
}

function describe(
  result: SanityReport & {
    readonly imageCount: number;
    readonly subjectCount: number;
    readonly flatMaps: number;
    readonly agreement: readonly {
      readonly first: string;
      readonly second: string;
      readonly similarity: Similarity;
    }[];
    readonly reading: string;
  },
): string {
  const header = (title: string) => [title, "Spearman", "SSIM", "IoU of hottest 10 %", "Undefined"];
  const row = (name: string, similarity: Similarity) => [
    name,
    ...similarityNames.map((measure) => text(similarity[measure])),
    String(similarity.undefinedPairs),
  ];
  const layers = (rows: SanityReport["cascading"]) =>
    rows.map(({ layer, similarity }) => row(layer, similarity));
  return [
    `${result.imageCount} images of ${result.subjectCount} patients; ${result.flatMaps} maps are constant. Mean similarity with 95 % interval over patients.`,
    "",
    formatTable(header("Random from the top to"), layers(result.cascading)),
    "",
    formatTable(header("Random alone"), layers(result.independent)),
    "",
    formatTable(header("Unrelated maps"), [row("next patient's image", result.otherImage)]),
    ...(result.agreement.length === 0
      ? []
      : [
          "",
          formatTable(
            header("Checkpoints"),
            result.agreement.map(({ first, second, similarity }) => row(`${first} – ${second}`, similarity)),
          ),
        ]),
    "",
    result.reading,
  ].join("\n");
}

function text(estimate: ClusteredMean | null): string {
  if (estimate === null) return "undefined";
  const { lower, mean, upper } = estimate;
  const point = mean.toFixed(2);
  return lower === null || upper === null ? point : `${point} (${lower.toFixed(2)}–${upper.toFixed(2)})`;
}
