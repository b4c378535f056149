import "@tensorflow/tfjs-backend-cpu";
import { createRandom } from "@crossread/metrics/random";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, expect, it } from "vitest";
import { cbam, channelAttention, spatialAttention } from "./cbam.ts";
import { modelPresets } from "./config.ts";
import { initialParameters, parameterTable, parameterValues } from "./parameter-table.ts";
import { parameterTensors } from "./program.ts";
import { inferenceScope } from "./tensor-scope.ts";

const config = modelPresets["tiny-cbam"];
const channels = 24;
const [batch, height, width] = [2, 5, 4];
const parameters = initialParameters(config, 4);
const random = createRandom(8);
const input = Float32Array.from({ length: batch * height * width * channels }, () => random.normal());

beforeAll(async () => {
  await tf.setBackend("cpu");
});

const values = (name: string) =>
  parameterValues(
    parameters,
    parameterTable(config).parameters.find((candidate) => candidate.name === name)!,
  );
const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
const at = (data: ArrayLike<number>, b: number, y: number, x: number) =>
  Array.from({ length: channels }, (_, c) => data[((b * height + y) * width + x) * channels + c]!);
const pixels = Array.from({ length: height * width }, (_, i) => [Math.floor(i / width), i % width] as const);
const sum = (list: readonly number[]) => list.reduce((a, b) => a + b, 0);

/** Eq. 7–9, one number at a time. */
function naiveCbam(features: ArrayLike<number>): number[] {
  const hidden = values("cbam/channel/reduce/bias").length;
  const perceptron = (pooled: number[]) => {
    const h = Array.from({ length: hidden }, (_, j) =>
      Math.max(
        0,
        values("cbam/channel/reduce/bias")[j]! +
          sum(pooled.map((p, c) => p * values("cbam/channel/reduce/kernel")[c * hidden + j]!)),
      ),
    );
    return pooled.map(
      (_, c) =>
        values("cbam/channel/expand/bias")[c]! +
        sum(h.map((v, j) => v * values("cbam/channel/expand/kernel")[j * channels + c]!)),
    );
  };
  const result: number[] = [];
  for (let b = 0; b < batch; b++) {
    const columns = pixels.map(([y, x]) => at(features, b, y, x));
    const average = columns[0]!.map((_, c) => sum(columns.map((column) => column[c]!)) / columns.length);
    const maximum = columns[0]!.map((_, c) => Math.max(...columns.map((column) => column[c]!)));
    const [fromAverage, fromMaximum] = [perceptron(average), perceptron(maximum)];
    const refined = columns.map((column) =>
      column.map((v, c) => v * sigmoid(fromAverage[c]! + fromMaximum[c]!)),
    );
    pixels.forEach(([y, x], index) => {
      let response = values("cbam/spatial/bias")[0]!;
      pixels.forEach(([v, u], other) => {
        const [dy, dx] = [v - y + 3, u - x + 3];
        if (dy < 0 || dx < 0 || dy > 6 || dx > 6) return;
        const kernel = values("cbam/spatial/kernel").subarray((dy * 7 + dx) * 2);
        response +=
          kernel[0]! * (sum(refined[other]!) / channels) + kernel[1]! * Math.max(...refined[other]!);
      });
      result.push(...refined[index]!.map((value) => value * sigmoid(response)));
    });
  }
  return result;
}

it("equals equations 7 to 9 computed one number at a time", () => {
  tf.tidy(() => {
    const scope = inferenceScope(config, parameterTensors(config, parameters));
    const actual = cbam(tf.tensor4d(input, [batch, height, width, channels]), scope).dataSync();
    naiveCbam(input).forEach((expected, index) => expect(actual[index]).toBeCloseTo(expected, 5));
  });
});

it("keeps both gates strictly between 0 and 1", () => {
  tf.tidy(() => {
    const scope = inferenceScope(config, parameterTensors(config, parameters));
    const features = tf.tensor4d(input, [batch, height, width, channels]);
    const gates = [channelAttention(features, scope), spatialAttention(features, scope)];
    expect(gates.map((gate) => gate.shape)).toEqual([
      [batch, 1, 1, channels],
      [batch, height, width, 1],
    ]);
    for (const gate of gates) {
      for (const value of gate.dataSync()) {
        expect(value).toBeGreaterThan(0);
        expect(value).toBeLessThan(1);
      }
    }
  });
});
