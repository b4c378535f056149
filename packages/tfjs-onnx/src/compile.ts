import * as tf from "@tensorflow/tfjs-core";
import "./gradients.ts";
import { encodeModel, type NamedValue } from "./encode.ts";
import {
  GraphBuilder,
  type GraphDtype,
  type GraphNode,
  type GraphTarget,
  type Value,
} from "./graph-builder.ts";
import { fuseAffine } from "./passes/fuse-affine.ts";
import { fuseBatchNorm } from "./passes/fuse-batch-norm.ts";
import { fuseChannelProducts } from "./passes/fuse-channel-products.ts";
import { fuseSwish } from "./passes/fuse-swish.ts";
import { applyRewrite, liveNodes, type Pass } from "./passes/rewrite.ts";
import { assertTensorSpecs, namedTensors } from "./program-boundary.ts";
import { registerTraceBackend } from "./register-trace-backend.ts";
import { fullValue, symbolic } from "./symbolic-tensor.ts";
import { graphDtype, traceBackendName, type TraceBackend } from "./trace-backend.ts";
import { TraceError, UnsupportedKernelError } from "./unsupported-kernel-error.ts";

export type { GraphDtype } from "./graph-builder.ts";
export { TraceError, UnsupportedKernelError } from "./unsupported-kernel-error.ts";

export interface TensorSpec {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: GraphDtype;
}

export interface CompileOptions {
  readonly inputs: readonly TensorSpec[];
  readonly run: (inputs: Record<string, tf.Tensor>) => Record<string, tf.Tensor>;
  /** "gpu" avoids the operators that only ONNX Runtime's CPU provider has; "portable" all that ONNX itself has not. */
  readonly target?: GraphTarget;
  /**
   * What `probeChannelBlock` found on the machine that will run the graph: makes depthwise convolutions with computed
   * weights, thus training, much faster on its CPU. The graph then fits no machine with another block size.
   */
  readonly channelBlock?: number;
}

export interface CompiledGraph {
  readonly bytes: Uint8Array;
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
  readonly nodeCount: number;
  /** The tfjs kernels that the function called. */
  readonly kernelNames: readonly string[];
}

const traceBackend = registerTraceBackend();

/**
 * Runs a TensorFlow.js function once on symbolic tensors and returns what it did as an ONNX model.
 *
 * Tensors that the function captures become constants of the model, as they are now. Inputs that the function does
 * not use stay inputs.
 *
 * @throws {UnsupportedKernelError} for a kernel, or an attribute or dtype of one, without translation
 * @throws {TraceError} if the function reads a value of a tensor, or keeps one beyond its end
 */
export function compileFunction(options: CompileOptions): CompiledGraph {
  assertTensorSpecs(options.inputs);
  const graph = new GraphBuilder(options.target ?? "cpu", options.channelBlock);
  const inputs = options.inputs.map(({ name, shape, dtype }) => ({
    name,
    value: graph.input({ dims: [...shape], dtype }),
  }));
  const outputs = onTraceBackend((backend) =>
    backend.trace(graph, () => {
      const traced = traceOutputs(backend, options, inputs);
      if (backend.liveSymbolicTensors() > 0) {
        throw new TraceError(
          `${backend.liveSymbolicTensors()} tensor(s) outlived compileFunction, through tf.keep or by assignment ` +
            "to a tf.Variable: return them as outputs instead",
        );
      }
      return traced.map(({ name, value }) => ({ name, value: asOutput(graph, value) }));
    }),
  );
  const nodes = optimised(graph, outputs);
  return {
    bytes: encodeModel({ nodes, inputs, outputs }),
    inputs: options.inputs.map(({ name, shape, dtype }) => ({ name, shape: [...shape], dtype })),
    outputs: outputs.map(({ name, value }) => ({ name, shape: value.dims, dtype: graphDtypeOf(value) })),
    nodeCount: nodes.length,
    kernelNames: [...graph.kernelNames].toSorted(),
  };
}

function traceOutputs(
  backend: TraceBackend,
  options: CompileOptions,
  inputs: readonly NamedValue[],
): readonly NamedValue[] {
  const traced: NamedValue[] = [];
  tf.tidy(() => {
    const tensors = options.inputs.map(({ name, shape, dtype }, index): [string, tf.Tensor] => [
      name,
      tf
        .engine()
        .makeTensorFromTensorInfo(backend.toTensorInfo(symbolic(shape, dtype, inputs[index]!.value))),
    ]);
    for (const [name, tensor] of namedTensors(options.run(Object.fromEntries(tensors)))) {
      traced.push({ name, value: fullValue(backend.graph(), backend.toSymbolic(tensor)) });
    }
  });
  if (traced.length === 0) throw new TraceError("The function given to compileFunction returned no outputs");
  const inputNames = new Set(options.inputs.map((input) => input.name));
  const clash = traced.find(({ name }) => inputNames.has(name));
  if (clash)
    throw new TraceError(`"${clash.name}" is the name of an input and of an output: names must differ`);
  return traced;
}

/** A node of its own for each output, since ONNX names an output by the node that makes it. */
function asOutput(graph: GraphBuilder, value: Value): Value {
  const output: Value = graph.input(value);
  graph.nodes.push({ op: "Identity", inputs: [value], outputs: [output] });
  return output;
}

function onTraceBackend<TResult>(body: (backend: TraceBackend) => TResult): TResult {
  tf.backend(); // Makes tfjs choose its best backend now if it has none, so that there is one to go back to.
  const previous = tf.getBackend();
  void tf.setBackend(traceBackendName); // Takes effect at once: this backend has no asynchronous start.
  try {
    return body(traceBackend());
  } catch (error) {
    throw namedUnsupported(error) ?? error;
  } finally {
    void tf.setBackend(previous);
  }
}

function namedUnsupported(error: unknown): UnsupportedKernelError | undefined {
  const message = error instanceof Error ? error.message : "";
  const kernelName = /^Kernel '(\w+)' not registered for backend '/.exec(message)?.[1];
  return kernelName === undefined ? undefined : new UnsupportedKernelError(kernelName);
}

function passesFor(graph: GraphBuilder): readonly Pass[] {
  switch (graph.target) {
    case "cpu":
      return [fuseSwish, fuseBatchNorm, fuseAffine, fuseChannelProducts];
    case "gpu":
      return [fuseSwish];
    case "portable":
      return [];
  }
}

function optimised(graph: GraphBuilder, outputs: readonly NamedValue[]): readonly GraphNode[] {
  const values = outputs.map(({ value }) => value);
  return passesFor(graph).reduce(
    (nodes, pass) => liveNodes(applyRewrite(nodes, pass(nodes, graph)), values),
    liveNodes(graph.nodes, values),
  );
}

function graphDtypeOf(value: Value): GraphDtype {
  return graphDtype(value.dtype === "int64" ? "string" : value.dtype);
}
