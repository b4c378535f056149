import * as tf from "@tensorflow/tfjs-core";
import { fc } from "@fast-check/vitest";
import type { CompileOptions, TensorSpec } from "../compile.ts";
import { compare, drawInput, float, tensorOf, withGradients } from "./agreement.ts";
import { imageLayers } from "./random-image-layers.ts";
import { tensorLayers } from "./random-tensor-layers.ts";

/** One layer of a random network: which, and the numbers from which it draws its attributes. */
export interface Gene {
  readonly layer: number;
  readonly draws: readonly number[];
}

export interface Draws {
  /** A whole number in [low, high]. */
  whole(low: number, high: number): number;
  pick<T>(choices: readonly T[]): T;
  /** A tensor of parameters, an input of the network. */
  parameter(shape: readonly number[]): tf.Tensor;
}

/** A layer, or undefined where it does not fit the tensor that it is given. */
export type RandomLayer = (x: tf.Tensor, draws: Draws) => tf.Tensor | undefined;

const layers: readonly (readonly [string, RandomLayer])[] = [
  ...Object.entries(imageLayers),
  ...Object.entries(tensorLayers),
];

const mostElements = 1500;

export interface RandomNetwork {
  readonly inputs: readonly TensorSpec[];
  readonly layerNames: readonly string[];
  readonly f: (...tensors: tf.Tensor[]) => tf.Tensor;
  /** The same with the last digits of every layer's result changed, so that equal elements are so no more. */
  readonly nudged: (direction: number) => (...tensors: tf.Tensor[]) => tf.Tensor;
}

const genes: fc.Arbitrary<Gene> = fc.record({
  layer: fc.nat({ max: layers.length - 1 }),
  draws: fc.array(fc.nat({ max: 1000 }), { minLength: 12, maxLength: 12 }),
});

const inputShape = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.tuple(
      fc.integer({ min: 1, max: 2 }),
      fc.integer({ min: 1, max: 8 }),
      fc.integer({ min: 1, max: 8 }),
      fc.integer({ min: 1, max: 5 }),
    ),
  },
  { weight: 1, arbitrary: fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 0, maxLength: 5 }) },
);

export const networkArbitrary: fc.Arbitrary<{
  readonly shape: readonly number[];
  readonly genes: readonly Gene[];
}> = fc.record({ shape: inputShape, genes: fc.array(genes, { minLength: 1, maxLength: 8 }) });

function drawsOf(gene: Gene, parameter: Draws["parameter"]): Draws {
  let next = 0;
  const draw = (): number => gene.draws[next++ % gene.draws.length]!;
  return {
    whole: (low, high) => low + (draw() % (high - low + 1)),
    pick: (choices) => choices[draw() % choices.length]!,
    parameter,
  };
}

/** Runs once on the CPU backend to learn which layers fit and what parameters they want. */
export function buildNetwork(shape: readonly number[], wanted: readonly Gene[]): RandomNetwork {
  const inputs: TensorSpec[] = [float("x", ...shape)];
  const used: Gene[] = [];
  tf.tidy(() => {
    let x = tensorOf(inputs[0]!, drawInput(inputs[0]!, 1));
    for (const gene of wanted) {
      const count = inputs.length;
      const result = layers[gene.layer]![1](
        x,
        drawsOf(gene, (parameterShape) => {
          const spec = float(`w${inputs.length}`, ...parameterShape);
          inputs.push(spec);
          return tensorOf(spec, drawInput(spec, inputs.length));
        }),
      );
      if (result === undefined || result.size === 0 || result.size > mostElements) {
        inputs.length = count;
        continue;
      }
      x = result;
      used.push(gene);
    }
  });
  const run =
    (change: (x: tf.Tensor) => tf.Tensor) =>
    (x: tf.Tensor | undefined, ...parameters: tf.Tensor[]): tf.Tensor => {
      let next = 0;
      return used.reduce(
        (tensor, gene) =>
          change(
            layers[gene.layer]![1](
              tensor,
              drawsOf(gene, () => parameters[next++]!),
            )!,
          ),
        change(x!),
      );
    };
  return {
    inputs,
    layerNames: used.map(({ layer }) => layers[layer]![0]),
    f: run((x) => x),
    nudged: (direction) => run((x) => tf.mul(x, noiseLike(x, direction))),
  };
}

const noiseLike = (x: tf.Tensor, direction: number): tf.Tensor =>
  tf.tensor(
    Float32Array.from(
      { length: x.size },
      (_, at) => 1 + direction * 2e-6 * Math.sin(at * 2.3 * direction + 1),
    ),
    x.shape,
  );

export type Verdict = "agrees" | "ill-conditioned";

const tolerance = 2e-4;

type Arrays = Readonly<Record<string, ArrayLike<number>>>;

/** Largest difference in units of the largest element of the output. */
function gapOf(a: Arrays, b: Arrays): number {
  return Math.max(
    ...Object.entries(b).map(([name, expected]) => {
      const values = Array.from(expected);
      const scale = values.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
      return values.reduce(
        (worst, value, index) => Math.max(worst, Math.abs(a[name]![index]! - value) / scale),
        0,
      );
    }),
  );
}

/**
 * Compares outputs and gradients with the CPU backend. Where they differ although a change of the last digits of the
 * numbers on their way changes the CPU backend's own results as much (two elements that compete for a maximum, a
 * number on the edge of a step), nothing can be said.
 *
 * @throws {Error} where they differ otherwise
 */
export async function judgeNetwork(
  network: RandomNetwork,
  options: Pick<CompileOptions, "target" | "channelBlock"> = {},
): Promise<Verdict> {
  const { inputs, f } = network;
  const run = withGradients(inputs, f);
  const { onnx, cpu } = await compare({ inputs, run, ...options });
  const gap = gapOf(onnx, cpu);
  if (gap < tolerance) return "agrees";
  if (!Object.values(cpu).every((values) => values.every(Number.isFinite))) return "ill-conditioned";
  for (const direction of [1, -1, 2, -2, 3]) {
    const nudged = tf.tidy(() => {
      const tensors = inputs.map((spec, index): [string, tf.Tensor] => [
        spec.name,
        tensorOf(spec, drawInput(spec, index + 1)),
      ]);
      const results = withGradients(inputs, network.nudged(direction))(Object.fromEntries(tensors));
      return Object.fromEntries(Object.entries(results).map(([name, tensor]) => [name, tensor.dataSync()]));
    });
    if (gapOf(nudged, cpu) > gap / 10) return "ill-conditioned";
  }
  throw new Error(`Differs by ${gap}: [${inputs[0]!.shape.join()}] → ${network.layerNames.join(" → ")}`);
}
