import "@tensorflow/tfjs-backend-cpu";
import "@crossread/tfjs-onnx/gradients";
import { createRandom } from "@crossread/metrics/random";
import { compileFunction } from "@crossread/tfjs-onnx/compile";
import { describe, expect, it } from "vitest";
import { modelPresets } from "./config.ts";
import { frozenTensors, type Freezing } from "./freezing.ts";
import { createOnnxEngine } from "./onnx-engine.ts";
import { initialParameters, parameterTable, parameterValues } from "./parameter-table.ts";
import { createTfjsEngine } from "./tfjs-engine.ts";
import { trainProgram } from "./train-step.ts";

const tiny = modelPresets["tiny-cbam"];
const batchSize = 3;
const start = initialParameters(tiny, 5);
const random = createRandom(9);
const batches = [0, 1].map((step) => ({
  images: Float32Array.from({ length: batchSize * tiny.imageSize ** 2 }, () => random.normal()),
  labels: [step, 1 - step, 1],
}));

const courses: [string, Freezing][] = [
  ["the stem and the first row", { through: 1 }],
  ["the backbone", { through: "backbone" }],
  ["all but the head", { through: "attention" }],
  ["the statistics", { isBatchNormFrozen: true }],
  ["the stem and all statistics", { through: 0, isBatchNormFrozen: true }],
];

async function trained(engineName: "onnx" | "cpu", freezing: Freezing) {
  const engine = engineName === "onnx" ? createOnnxEngine({ threadCount: 1 }) : await createTfjsEngine("cpu");
  const optimizer = { learningRate: 1e-3 };
  const trainer = await engine.createTrainer({
    config: tiny,
    parameters: start,
    optimizer,
    batchSize,
    freezing,
  });
  const first = await trainer.step(batches[0]!);
  const moments = (await trainer.optimizerState()).firstMoment;
  await trainer.step(batches[1]!);
  const parameters = await trainer.parameters();
  await trainer.dispose();
  return { first, moments, parameters };
}

describe.each(courses)("freezing %s", (_name, freezing) => {
  const frozen = frozenTensors(tiny, freezing);

  it("leaves the frozen tensors bit for bit as they were, moves all others, on both engines alike", async () => {
    const compiled = await trained("onnx", freezing);
    const eager = await trained("cpu", freezing);
    for (const parameter of parameterTable(tiny).parameters) {
      const { kind, name } = parameter;
      const before = parameterValues(start, parameter);
      const isFrozen =
        kind === "trainable"
          ? frozen.trainable.has(name)
          : frozen.batchNorms.has(name.replace(/\/(mean|variance)$/, ""));
      for (const { parameters } of [compiled, eager]) {
        const after = parameterValues(parameters, parameter);
        const isSame = after.every((value, index) => Object.is(value, before[index]));
        expect(isSame, name).toBe(isFrozen);
      }
    }
    expect(compiled.first.loss).toBeCloseTo(eager.first.loss, 5);
    expect(Math.abs(compiled.first.gradientNorm / eager.first.gradientNorm - 1)).toBeLessThan(1e-4);
    compiled.moments.forEach((value, index) =>
      expect(Math.abs(value - eager.moments[index]!)).toBeLessThan(1e-6),
    );
  });
});

it("computes the same gradient of the head whether or not the rest is frozen", async () => {
  // with frozen statistics everywhere the forward pass is the same
  const whole = await trained("cpu", { isBatchNormFrozen: true });
  const headOnly = await trained("cpu", { through: "attention", isBatchNormFrozen: true });
  expect(headOnly.first.loss).toBeCloseTo(whole.first.loss, 6);
  const head = parameterTable(tiny).parameters.find(({ name }) => name === "head/dense/kernel")!;
  const of = ({ moments }: typeof whole) => moments.subarray(head.offset, head.offset + head.size);
  of(whole).forEach((value, index) => expect(Math.abs(value - of(headOnly)[index]!)).toBeLessThan(1e-7));
  expect(headOnly.first.gradientNorm).toBeLessThan(whole.first.gradientNorm);
});

it("computes no gradient that nobody needs: a training graph of the head alone is much smaller", () => {
  const nodeCount = (freezing: Freezing) => {
    const program = trainProgram({ config: tiny, batchSize, optimizer: { learningRate: 1e-3 }, freezing });
    return compileFunction({
      inputs: program.inputs.map(({ name, shape }) => ({ name, shape, dtype: "float32" })),
      run: (inputs) => program.run(inputs),
      target: "cpu",
    }).nodeCount;
  };
  expect(nodeCount({ through: "attention" })).toBeLessThan(0.5 * nodeCount({}));
});

it("refuses more rows than the stage table has", () => {
  expect(() => frozenTensors(tiny, { through: 4 })).toThrow(
    expect.objectContaining({ code: "plan-invalid" }),
  );
});
