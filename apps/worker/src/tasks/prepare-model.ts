import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { DomainError } from "@crossread/contracts/errors";
import { defaultClassNames, encodeCheckpoint } from "@crossread/model/checkpoint";
import { findPreset, type ModelConfig } from "@crossread/model/config";
import { mergePixelSums, normalisationOf, sumPixels, type PixelSums } from "@crossread/model/normalisation";
import { initialParameters, type ModelParameters } from "@crossread/model/parameter-table";
import { importWeights } from "@crossread/model/weights-import";
import { loadExample } from "./load-examples.ts";
import type { TaskContext } from "./task-context.ts";
import type { TaskInput, TaskOutput } from "./task-contracts.ts";

/** The model that every site starts from: pooled normalisation of the sites' training images, initial weights. */
export async function prepareModel(
  input: TaskInput<"prepare-model">,
  context: TaskContext<"prepare-model">,
): Promise<TaskOutput<"prepare-model">> {
  const preset = findPreset(input.architecture);
  if (preset === undefined) {
    throw new DomainError("plan-invalid", `There is no architecture "${input.architecture}".`);
  }
  const start = await startParameters(preset, input);
  const checkpoint = encodeCheckpoint({
    config: start.config,
    parameters: start.parameters,
    normalisation: normalisationOf(await measureSites(input, preset.imageSize, context)),
    classNames: defaultClassNames,
    lineage: {
      origin: start.sourceSha256 === null ? "initial" : "imported",
      parentId: null,
      round: 0,
      strategy: null,
      seed: input.seed,
      cohortDigests: [input.cohortDigest],
      updates: [],
      codeVersion: input.codeVersion,
      sourceSha256: start.sourceSha256,
    },
  });
  const { sha256 } = checkpoint.manifest.weights;
  const blobKey = `checkpoints/${sha256}.safetensors`;
  await context.store.put(blobKey, checkpoint.weights);
  return { manifest: checkpoint.manifest, blobKey, sha256 };
}

/** Sums of one site after the other, each by itself: sites that measure on their own give the same total. */
async function measureSites(
  input: TaskInput<"prepare-model">,
  imageSize: number,
  context: TaskContext<"prepare-model">,
): Promise<PixelSums> {
  const total = input.sites.reduce((count, site) => count + site.images.length, 0);
  let done = 0;
  const sums: PixelSums[] = [];
  for (const site of input.sites) {
    const ofImages: PixelSums[] = [];
    for (const image of site.images) {
      const example = await loadExample(context.store, image, imageSize);
      ofImages.push(sumPixels([example.pixels]));
      done += 1;
      if (done % 16 === 0) await context.emit({ done, total });
    }
    sums.push(mergePixelSums(ofImages));
  }
  return mergePixelSums(sums);
}

interface StartParameters {
  readonly config: ModelConfig;
  readonly parameters: ModelParameters;
  readonly sourceSha256: string | null;
}

async function startParameters(
  config: ModelConfig,
  input: TaskInput<"prepare-model">,
): Promise<StartParameters> {
  const { imageNetWeightsFile, seed } = input;
  // Only the network of full width has the shapes of published weights.
  if (imageNetWeightsFile === null || config.widthMultiplier !== 1 || config.depthMultiplier !== 1) {
    return { config, parameters: initialParameters(config, seed), sourceSha256: null };
  }
  const file = await readFile(imageNetWeightsFile);
  const imported = importWeights({ file, origin: basename(imageNetWeightsFile), config, seed });
  return {
    config: imported.config,
    parameters: imported.parameters,
    sourceSha256: imported.report.sourceSha256,
  };
}
