import * as ort from "onnxruntime-node";
import type { CompiledGraph, TensorSpec } from "./compile.ts";

export type ExecutionProviderName = "cpu" | "webgpu" | "cuda";

export interface SessionOptions {
  readonly executionProvider?: ExecutionProviderName;
  /** Threads within one operator; absent: one for each physical core. */
  readonly threadCount?: number;
}

export type GraphArray = Float32Array | Int32Array;

/**
 * A compiled graph, ready to run. onnxruntime-node 1.30 computes inside of `run` on the calling thread, although it
 * returns a promise: a process that must stay responsive runs its sessions in a worker thread or a child process.
 */
export interface GraphSession {
  run(inputs: Record<string, GraphArray>): Promise<Record<string, GraphArray>>;
  dispose(): Promise<void>;
}

/** A graph that its execution provider cannot load, or inputs that do not fit the graph. */
export class SessionError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "SessionError";
  }
}

const onlyErrors = 3;

export async function createSession(
  graph: CompiledGraph,
  options: SessionOptions = {},
): Promise<GraphSession> {
  const session = await openSession(graph.bytes, options);
  return {
    async run(inputs) {
      const feeds = Object.fromEntries(
        graph.inputs.map((spec) => [spec.name, toOrtTensor(spec, inputs[spec.name])]),
      );
      assertKnownNames(graph.inputs, inputs);
      const results = await session.run(feeds);
      return Object.fromEntries(graph.outputs.map(({ name }) => [name, fromOrtTensor(name, results[name])]));
    },
    dispose: () => session.release(),
  };
}

export async function openSession(bytes: Uint8Array, options: SessionOptions): Promise<ort.InferenceSession> {
  const provider = options.executionProvider ?? "cpu";
  try {
    return await ort.InferenceSession.create(bytes, {
      executionProviders: provider === "cpu" ? ["cpu"] : [provider, "cpu"],
      logSeverityLevel: onlyErrors,
      // With memory patterns a training graph plans gigabytes at each new size and takes eight steps to settle.
      enableMemPattern: false,
      ...(options.threadCount === undefined ? {} : { intraOpNumThreads: options.threadCount }),
    });
  } catch (error) {
    throw new SessionError(
      `ONNX Runtime could not load the graph on provider "${provider}": ${messageOf(error)}`,
      {
        cause: error,
      },
    );
  }
}

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

function toOrtTensor(spec: TensorSpec, values: GraphArray | undefined): ort.Tensor {
  const size = spec.shape.reduce((product, dim) => product * dim, 1);
  if (values === undefined) throw new SessionError(`Input "${spec.name}" is missing`);
  if (values.length !== size) {
    throw new SessionError(
      `Input "${spec.name}" has ${values.length} values, expected ${size} for [${spec.shape.join()}]`,
    );
  }
  const isFloat = values instanceof Float32Array;
  if (isFloat !== (spec.dtype === "float32")) {
    throw new SessionError(
      `Input "${spec.name}" is a ${values.constructor.name}, expected values of ${spec.dtype}`,
    );
  }
  if (spec.dtype === "bool") {
    return new ort.Tensor(
      "bool",
      Uint8Array.from(values, (value) => Number(value !== 0)),
      spec.shape,
    );
  }
  return new ort.Tensor(spec.dtype, values, spec.shape);
}

function fromOrtTensor(name: string, tensor: ort.Tensor | undefined): GraphArray {
  const data = tensor?.data;
  if (data instanceof Float32Array || data instanceof Int32Array) return data;
  if (data instanceof Uint8Array) return Int32Array.from(data);
  throw new SessionError(`Output "${name}" came back as ${tensor?.type ?? "nothing"}`);
}

function assertKnownNames(specs: readonly TensorSpec[], inputs: Record<string, unknown>): void {
  const stranger = Object.keys(inputs).find((name) => !specs.some((spec) => spec.name === name));
  if (stranger !== undefined) {
    throw new SessionError(
      `"${stranger}" is no input of the graph: ${specs.map(({ name }) => name).join(", ")}`,
    );
  }
}
