import { describe, expect, it } from "vitest";
import { buildArchitecture } from "./architecture.ts";
import { modelPresets, parseModelConfig } from "./config.ts";
import { initialParameters, parameterCount, parameterTable, parameterValues } from "./parameter-table.ts";

const paper = modelPresets["efficientnet-b0-cbam"];

describe("parameterTable", () => {
  it("adds about 0.03 million parameters with CBAM at reduction 8, as the paper says", () => {
    const added = parameterCount(paper) - parameterCount({ ...paper, attention: "none" });
    expect(added).toBe(2 * 320 * 40 + 40 + 320 + 7 * 7 * 2 + 1);
    expect((added / 1e6).toFixed(2)).toBe("0.03");
  });

  it("lays the tensors of each kind end to end", () => {
    const table = parameterTable(paper);
    for (const [kind, size] of [
      ["trainable", table.trainableSize],
      ["statistic", table.statisticsSize],
    ] as const) {
      let offset = 0;
      for (const parameter of table.parameters.filter((candidate) => candidate.kind === kind)) {
        expect(parameter.offset, parameter.name).toBe(offset);
        offset += parameter.size;
      }
      expect(offset).toBe(size);
    }
    expect(table.statisticsSize).toBe(42_016 - 2 * 1280); // Keras counts the 1×1 head's too
    expect(new Set(table.parameters.map((parameter) => parameter.name)).size).toBe(table.parameters.length);
  });

  it("has sixteen blocks that end at 7×7×320", () => {
    const architecture = buildArchitecture(paper);
    expect(architecture).toMatchObject({ featureChannels: 320, featureSize: 7, pooledChannels: 320 });
    expect(architecture.blocks).toHaveLength(16);
    expect(architecture.blocks.filter((block) => block.hasShortcut)).toHaveLength(9);
  });

  it("keeps a fine last map in the compact preset", () => {
    expect(buildArchitecture(modelPresets["compact-cbam"]).featureSize).toBe(16);
    expect(parameterCount(modelPresets["compact-cbam"])).toBeLessThan(50_000);
  });

  it("scales width to multiples of 8 and depth upwards", () => {
    const half = buildArchitecture({ ...paper, widthMultiplier: 0.5, depthMultiplier: 0.5 });
    expect(half.stemChannels).toBe(16);
    expect(half.blocks.map((block) => block.outputChannels)).toEqual([
      8, 16, 24, 40, 40, 56, 56, 96, 96, 160,
    ]);
  });
});

describe("initialParameters", () => {
  const parameters = initialParameters(paper, 42);
  const values = (name: string) =>
    parameterValues(
      parameters,
      parameterTable(paper).parameters.find((candidate) => candidate.name === name)!,
    );

  it("depends on the seed only", () => {
    const tiny = modelPresets["tiny-cbam"];
    expect(initialParameters(tiny, 1)).toEqual(initialParameters(tiny, 1));
    expect(initialParameters(tiny, 1).trainable).not.toEqual(initialParameters(tiny, 2).trainable);
  });

  it("draws shared tensors alike for another head", () => {
    const other = { ...paper, headVariant: "conv-head" } as const;
    const kernel = parameterTable(other).parameters.find(({ name }) => name === "blocks/15/project/kernel")!;
    expect(parameterValues(initialParameters(other, 42), kernel)).toEqual(values("blocks/15/project/kernel"));
  });

  it("starts convolutions with He's spread over the outputs and batch normalisation at the identity", () => {
    const kernel = values("blocks/5/expand/kernel"); // 1×1, 240 outputs
    const deviation = Math.sqrt(kernel.reduce((sum, value) => sum + value * value, 0) / kernel.length);
    expect(Math.abs(deviation / Math.sqrt(2 / 240) - 1)).toBeLessThan(0.05);
    expect(new Set(values("blocks/5/expand/batch-norm/gamma"))).toEqual(new Set([1]));
    expect(new Set(values("blocks/5/expand/batch-norm/variance"))).toEqual(new Set([1]));
    expect(new Set(values("blocks/5/expand/batch-norm/mean"))).toEqual(new Set([0]));
  });
});

it.each([
  ["an unknown field", { ...paper, dropout: 0.2 }],
  ["an even kernel", { ...paper, spatialKernel: 4 }],
  ["no row", { ...paper, stages: [] }],
  ["a missing field", { ...paper, imageSize: undefined }],
])("refuses a configuration with %s", (_name, value) => {
  expect(() => parseModelConfig(value)).toThrow(expect.objectContaining({ code: "checkpoint-invalid" }));
});
