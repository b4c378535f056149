import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import { createRandom } from "@crossread/metrics/random";
import { compileFunction, type CompiledGraph, type TensorSpec } from "../compile.ts";
import type { GraphTarget } from "../graph-builder.ts";
import { createSession, type GraphArray } from "../session.ts";

export type Program = (inputs: Record<string, tf.Tensor>) => Record<string, tf.Tensor>;

export interface AgreementCase {
  readonly inputs: readonly TensorSpec[];
  readonly run: Program;
  readonly target?: GraphTarget;
  readonly channelBlock?: number;
  /** Values for an input; by default normal numbers, small integers or coin throws. */
  readonly values?: Readonly<Record<string, GraphArray>>;
}

export interface Agreement {
  readonly graph: CompiledGraph;
  /** Largest |onnx - cpu| / max(1, |cpu|) over all outputs. */
  readonly worst: number;
  readonly onnx: Record<string, GraphArray>;
  readonly cpu: Record<string, GraphArray>;
}

export function drawInput(spec: TensorSpec, seed: number): GraphArray {
  const random = createRandom(seed);
  const size = spec.shape.reduce((product, dim) => product * dim, 1);
  if (spec.dtype === "float32") return Float32Array.from({ length: size }, () => random.normal());
  return Int32Array.from({ length: size }, () =>
    spec.dtype === "bool" ? random.nextInt(2) : random.nextInt(7) - 3,
  );
}

/** Runs a program on ONNX Runtime and on tfjs's CPU backend with the same inputs. */
export async function compare(given: AgreementCase): Promise<Agreement> {
  await tf.setBackend("cpu");
  const values = Object.fromEntries(
    given.inputs.map((spec, index) => [spec.name, given.values?.[spec.name] ?? drawInput(spec, index + 1)]),
  );
  const cpu = runOnCpu(given, values);
  const graph = compileFunction(given);
  const session = await createSession(graph, { threadCount: 1 });
  const onnx = await session.run(values);
  await session.dispose();
  let worst = 0;
  for (const [name, { shape, dtype, values: expected }] of Object.entries(cpu)) {
    const got = onnx[name];
    const spec = graph.outputs.find((output) => output.name === name);
    if (!got || !spec) throw new Error(`Output ${name} is missing`);
    if (spec.shape.join() !== shape.join()) {
      throw new Error(`Output ${name} has shape [${spec.shape.join()}], expected [${shape.join()}]`);
    }
    if (spec.dtype !== dtype) throw new Error(`Output ${name} has dtype ${spec.dtype}, expected ${dtype}`);
    if (got.length !== expected.length) throw new Error(`Output ${name} has ${got.length} values`);
    expected.forEach((want, index) => {
      worst = Math.max(worst, difference(got[index]!, want));
    });
  }
  return {
    graph,
    worst,
    onnx,
    cpu: Object.fromEntries(Object.entries(cpu).map(([name, it]) => [name, it.values])),
  };
}

function difference(got: number, want: number): number {
  if (Object.is(got, want) || got === want) return 0;
  const gap = Math.abs(got - want) / Math.max(1, Math.abs(want));
  return Number.isNaN(gap) ? Infinity : gap;
}

export const tensorOf = (spec: TensorSpec, values: GraphArray): tf.Tensor =>
  tf.tensor(spec.dtype === "bool" ? Uint8Array.from(values) : values, [...spec.shape], spec.dtype);

function runOnCpu(given: AgreementCase, values: Record<string, GraphArray>) {
  return tf.tidy(() => {
    const tensors = given.inputs.map((spec): [string, tf.Tensor] => [
      spec.name,
      tensorOf(spec, values[spec.name]!),
    ]);
    const results = given.run(Object.fromEntries(tensors));
    return Object.fromEntries(
      Object.entries(results).map(([name, tensor]) => {
        const data = tensor.dataSync();
        return [
          name,
          {
            shape: tensor.shape,
            dtype: tensor.dtype,
            values: data instanceof Float32Array ? data : Int32Array.from(data),
          },
        ];
      }),
    );
  });
}

export const float = (name: string, ...shape: number[]): TensorSpec => ({ name, shape, dtype: "float32" });
export const int = (name: string, ...shape: number[]): TensorSpec => ({ name, shape, dtype: "int32" });
export const bool = (name: string, ...shape: number[]): TensorSpec => ({ name, shape, dtype: "bool" });

/**
 * The program's output "y" and its gradients "d:<input>" for all float inputs, contracted with a fixed pattern so
 * that no element's gradient hides behind another one's.
 */
export function withGradients(
  inputs: readonly TensorSpec[],
  f: (...tensors: tf.Tensor[]) => tf.Tensor,
): Program {
  const floats = inputs.filter((spec) => spec.dtype === "float32");
  return (tensors) => {
    const all = inputs.map((spec) => tensors[spec.name]!);
    const y = f(...all);
    const weights = pattern(y.shape);
    const loss = (...variables: tf.Tensor[]): tf.Scalar => {
      let next = 0;
      const given = inputs.map((spec, index) =>
        spec.dtype === "float32" ? variables[next++]! : all[index]!,
      );
      return tf.sum(tf.mul(f(...given), weights)) as tf.Scalar;
    };
    const gradients = tf.grads(loss)(floats.map((spec) => tensors[spec.name]!));
    return { y, ...Object.fromEntries(floats.map((spec, index) => [`d:${spec.name}`, gradients[index]!])) };
  };
}

/** The weights with which outputs are contracted. */
export const patternOf = (size: number): Float32Array =>
  Float32Array.from({ length: size }, (_, index) => Math.sin(index * 1.7 + 0.3));

const pattern = (shape: number[]): tf.Tensor =>
  tf.tensor(patternOf(shape.reduce((product, dim) => product * dim, 1)), shape);

/** Largest gap between the compiled gradient of a linear f and what f itself says on the CPU backend, element by element. */
export async function linearGradientGap(spec: TensorSpec, f: (x: tf.Tensor) => tf.Tensor): Promise<number> {
  const graph = compileFunction({
    inputs: [spec],
    run: ({ x }) => ({ dx: tf.grad((v) => tf.sum(tf.mul(f(v), pattern(f(v).shape))))(x!) }),
  });
  const session = await createSession(graph, { threadCount: 1 });
  const size = spec.shape.reduce((product, dim) => product * dim, 1);
  const { dx } = await session.run({ x: drawInput(spec, 1) });
  await session.dispose();
  return tf.tidy(() => {
    let worst = 0;
    for (let index = 0; index < size; index++) {
      const unit = tf.tensor(
        Float32Array.from({ length: size }, (_, position) => Number(position === index)),
        [...spec.shape],
      );
      const y = f(unit);
      worst = Math.max(worst, difference(dx![index]!, tf.sum(tf.mul(y, pattern(y.shape))).dataSync()[0]!));
    }
    return worst;
  });
}
