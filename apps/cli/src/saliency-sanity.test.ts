import { createRandom } from "@crossread/metrics/random";
import { modelPresets } from "@crossread/model/config";
import type { Example } from "@crossread/model/example";
import { createOnnxEngine } from "@crossread/model/onnx-engine";
import { initialParameters, parameterTable, parameterValues } from "@crossread/model/parameter-table";
import { freshParameters, layersFromTop, randomiseLayers } from "@crossread/model/weight-randomisation";
import { describe, expect, test } from "vitest";
import { compareMaps, mapsOf, sanityChecks } from "./saliency-sanity.ts";

const config = modelPresets["tiny-cbam"];
const parameters = initialParameters(config, 3);
const noise = createRandom(7);
for (const parameter of parameterTable(config).parameters) {
  if (!/^(head|cbam)|gamma|beta/.test(parameter.name)) continue;
  const values = parameterValues(parameters, parameter);
  values.forEach((value, index) => (values[index] = value + 0.3 * noise.normal()));
}
const model = { config, parameters, normalisation: { mean: 0.5, standardDeviation: 0.3 } };
const examples: Example[] = Array.from({ length: 6 }, (_, index) => {
  const random = createRandom(index);
  return {
    exampleId: `image-${index}`,
    subjectId: `subject-${index >> 1}`,
    label: index % 2 === 0 ? 1 : 0,
    pixels: Float32Array.from({ length: config.imageSize ** 2 }, () => random.next()),
  };
});
const engine = createOnnxEngine({ threadCount: 1 });
const settings = { engine, request: { classIndex: 1, layer: "cbam" as const }, seed: 42 };

describe("saliency sanity checks", () => {
  test("randomise from the output down and one by one, against the maps of the model as it is", async () => {
    const maps = await mapsOf(model, examples, settings);
    const lines: string[] = [];
    const report = await sanityChecks(
      model,
      { examples, maps },
      { ...settings, onProgress: (line) => void lines.push(line) },
    );
    const layers = layersFromTop(config);
    expect(report.cascading.map(({ layer }) => layer)).toEqual(layers);
    expect(report.independent.map(({ layer }) => layer)).toEqual(layers);
    expect(report.cascading[0]!.similarity).toEqual(report.independent[0]!.similarity);

    const untrained = { ...model, parameters: freshParameters(config, settings.seed) };
    const untrainedMaps = await mapsOf(untrained, examples, settings);
    expect(report.cascading.at(-1)!.similarity).toEqual(
      compareMaps(maps, untrainedMaps, { examples, seed: 42 }),
    );
    const withoutStem = { ...model, parameters: randomiseLayers(model, ["stem"], settings.seed) };
    expect(report.independent.at(-1)!.similarity).toEqual(
      compareMaps(maps, await mapsOf(withoutStem, examples, settings), { examples, seed: 42 }),
    );
    expect(lines.at(-1)).toBe(`${2 * layers.length} of ${2 * layers.length} randomised models`);
  });

  test("find a map like itself, and count pairs of which one is constant", async () => {
    const maps = await mapsOf(model, examples, settings);
    const self = compareMaps(maps, maps, { examples, seed: 1 });
    expect(self).toMatchObject({
      spearman: { mean: 1, lower: 1, upper: 1, subjectCount: 3 },
      undefinedPairs: 0,
    });
    const blank = maps.map((map) => ({ ...map, values: new Float32Array(map.values.length) }));
    expect(compareMaps(maps, blank, { examples, seed: 1 })).toEqual({
      spearman: null,
      ssim: null,
      topTenIou: null,
      undefinedPairs: 6,
    });
  });
});
