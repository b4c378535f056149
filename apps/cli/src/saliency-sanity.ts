import { clusteredMean, type ClusteredMean } from "@crossread/metrics/clustered-mean";
import { spearmanCorrelation, structuralSimilarity, topShareIou } from "@crossread/metrics/map-similarity";
import { isMetricInputError } from "@crossread/metrics/metric-input-error";
import type { ModelConfig } from "@crossread/model/config";
import type { Engine, SaliencyRequest } from "@crossread/model/engine";
import type { Example } from "@crossread/model/example";
import type { Normalisation } from "@crossread/model/normalisation";
import type { ModelParameters } from "@crossread/model/parameter-table";
import { predictExamples } from "@crossread/model/predict-examples";
import { fitTransform } from "@crossread/model/preprocess";
import { scaleToUnit, upsampleMap, type MapPlane } from "@crossread/model/saliency-frame";
import { layersFromTop, randomiseLayers } from "@crossread/model/weight-randomisation";

/** Maps are compared on this grid over the input frame; Grad-CAM's own cells are fewer than SSIM's window. */
const gridPx = 64;
const hotShare = 0.1;
const replicates = 1000;

export interface SaliencyModel {
  readonly config: ModelConfig;
  readonly normalisation: Normalisation;
  readonly parameters: ModelParameters;
}

export interface SaliencySettings {
  readonly engine: Engine;
  readonly request: SaliencyRequest;
  readonly seed: number;
}

export const similarityNames = ["spearman", "ssim", "topTenIou"] as const;
type SimilarityName = (typeof similarityNames)[number];

/** Over images; null where no pair of maps has a value. */
export interface Similarity extends Readonly<Record<SimilarityName, ClusteredMean | null>> {
  /** Pairs of which one map was constant, most often 0 everywhere: they are left out. */
  readonly undefinedPairs: number;
}

/** One map an image, scaled to a maximum of 1, on the common grid. */
export async function mapsOf(
  model: SaliencyModel,
  examples: readonly Example[],
  { engine, request }: SaliencySettings,
): Promise<MapPlane[]> {
  const { config, normalisation, parameters } = model;
  const predictor = await engine.createPredictor({ config, parameters, batchSize: 8 });
  try {
    const predictions = await predictExamples({
      predictor,
      config,
      normalisation,
      examples,
      saliency: request,
    });
    const grid = fitTransform(gridPx, gridPx, gridPx);
    return predictions.map(({ map }) => {
      if (map === undefined) throw new Error("A prediction with saliency has a map.");
      return scaleToUnit(upsampleMap(map, grid));
    });
  } finally {
    await predictor.dispose();
  }
}

/** Pairwise over images, with an interval over subjects. */
export function compareMaps(
  first: readonly MapPlane[],
  second: readonly MapPlane[],
  options: { readonly examples: readonly Example[]; readonly seed: number },
): Similarity {
  const pairs = first.flatMap((a, index) => {
    const b = second[index];
    const example = options.examples[index];
    if (b === undefined || example === undefined) return [];
    const similarity = similarityOf(a, b);
    return similarity === undefined ? [] : [{ subjectId: example.subjectId, similarity }];
  });
  const clusterIds = pairs.map(({ subjectId }) => subjectId);
  const summary = (name: SimilarityName) =>
    pairs.length === 0
      ? null
      : clusteredMean(
          pairs.map(({ similarity }) => similarity[name]),
          { clusterIds, replicates, seed: options.seed },
        );
  return {
    spearman: summary("spearman"),
    ssim: summary("ssim"),
    topTenIou: summary("topTenIou"),
    undefinedPairs: first.length - pairs.length,
  };
}

function similarityOf(a: MapPlane, b: MapPlane): Record<SimilarityName, number> | undefined {
  try {
    return {
      spearman: spearmanCorrelation(a.values, b.values),
      ssim: structuralSimilarity(a.values, b.values, a),
      topTenIou: topShareIou(a.values, b.values, hotShare),
    };
  } catch (error) {
    if (isMetricInputError(error) && (error.code === "zero-variance" || error.code === "flat-map"))
      return undefined;
    throw error;
  }
}

interface RandomisedLayer {
  readonly layer: string;
  /** Similarity to the unchanged model's maps. */
  readonly similarity: Similarity;
}

export interface SanityReport {
  /** All layers from the output down to this one are random. */
  readonly cascading: readonly RandomisedLayer[];
  /** This layer alone is random. */
  readonly independent: readonly RandomisedLayer[];
  /** Same model, each image's map against the next patient's: how alike unrelated maps look. */
  readonly otherImage: Similarity;
}

/** Model parameter randomisation of Adebayo et al. (2018). */
export async function sanityChecks(
  model: SaliencyModel,
  data: { readonly examples: readonly Example[]; readonly maps: readonly MapPlane[] },
  settings: SaliencySettings & { readonly onProgress: (line: string) => void },
): Promise<SanityReport> {
  const { examples, maps } = data;
  const layers = layersFromTop(model.config);
  const options = { examples, seed: settings.seed };
  let done = 0;
  const randomised = async (changed: readonly string[]): Promise<Similarity> => {
    const parameters = randomiseLayers(model, changed, settings.seed);
    const similarity = compareMaps(maps, await mapsOf({ ...model, parameters }, examples, settings), options);
    done += 1;
    settings.onProgress(`${done} of ${2 * layers.length} randomised models`);
    return similarity;
  };
  const cascading: RandomisedLayer[] = [];
  const independent: RandomisedLayer[] = [];
  for (const [index, layer] of layers.entries()) {
    cascading.push({ layer, similarity: await randomised(layers.slice(0, index + 1)) });
  }
  for (const layer of layers) independent.push({ layer, similarity: await randomised([layer]) });
  return { cascading, independent, otherImage: compareWithOthers(data, options) };
}

function compareWithOthers(
  { examples, maps }: { readonly examples: readonly Example[]; readonly maps: readonly MapPlane[] },
  options: { readonly examples: readonly Example[]; readonly seed: number },
): Similarity {
  const firsts: MapPlane[] = [];
  const others: MapPlane[] = [];
  const ofFirsts: Example[] = [];
  examples.forEach((example, index) => {
    const map = maps[index];
    for (let step = 1; step < examples.length && map !== undefined; step++) {
      const place = (index + step) % examples.length;
      const other = maps[place];
      if (other === undefined || examples[place]?.subjectId === example.subjectId) continue;
      firsts.push(map);
      others.push(other);
      ofFirsts.push(example);
      return;
    }
  });
  return compareMaps(firsts, others, { ...options, examples: ofFirsts });
}
