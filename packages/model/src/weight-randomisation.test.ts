import { describe, expect, it } from "vitest";
import { modelPresets } from "./config.ts";
import { initialParameters, parameterTable, parameterValues } from "./parameter-table.ts";
import { freshParameters, layerOf, layersFromTop, randomiseLayers } from "./weight-randomisation.ts";

const config = { ...modelPresets["tiny-cbam"], headVariant: "conv-head" as const };
const parameters = initialParameters(config, 1);
parameters.trainable.forEach((value, index) => (parameters.trainable[index] = value + 0.5));
parameters.statistics.forEach((value, index) => (parameters.statistics[index] = value + 0.25));

it("goes from the output down to the input", () => {
  expect(layersFromTop(config)).toEqual(
    "head/dense head/conv cbam blocks/3 blocks/2 blocks/1 blocks/0 stem".split(" "),
  );
  expect(layersFromTop({ ...config, headVariant: "gap", attention: "none" }).slice(0, 2)).toEqual([
    "head/dense",
    "blocks/3",
  ]);
  expect(layersFromTop(modelPresets["efficientnet-b0-cbam"])).toHaveLength(1 + 1 + 16 + 1);
});

describe("randomiseLayers", () => {
  it("changes every tensor of the named layers, statistics too, and no other", () => {
    const layers = ["head/dense", "blocks/2"];
    const changed = randomiseLayers({ config, parameters }, layers, 9);
    const fresh = freshParameters(config, 9);
    for (const parameter of parameterTable(config).parameters) {
      const source = layers.includes(layerOf(parameter.name)) ? fresh : parameters;
      expect(parameterValues(changed, parameter), parameter.name).toEqual(parameterValues(source, parameter));
    }
    expect(parameters.trainable).not.toEqual(changed.trainable);
  });

  it("gives a layer the same fresh values alone and in a cascade", () => {
    const alone = randomiseLayers({ config, parameters }, ["cbam"], 9);
    const cascade = randomiseLayers({ config, parameters }, ["head/dense", "head/conv", "cbam"], 9);
    for (const parameter of parameterTable(config).parameters.filter(
      ({ name }) => layerOf(name) === "cbam",
    )) {
      expect(parameterValues(alone, parameter)).toEqual(parameterValues(cascade, parameter));
    }
  });

  it("leaves nothing that was learned when all layers are randomised", () => {
    expect(randomiseLayers({ config, parameters }, layersFromTop(config), 9)).toEqual(
      freshParameters(config, 9),
    );
  });

  it("does not give a model the weights back that it began with when the seeds are the same", () => {
    const head = parameterTable(config).parameters.find(({ name }) => name === "head/dense/kernel")!;
    expect(parameterValues(freshParameters(config, 42), head)).not.toEqual(
      parameterValues(initialParameters(config, 42), head),
    );
  });

  it("refuses a layer that the architecture lacks", () => {
    expect(() => randomiseLayers({ config, parameters }, ["blocks/4"], 9)).toThrow(RangeError);
  });
});
