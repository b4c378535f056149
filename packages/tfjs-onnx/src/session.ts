import * as ort from "onnxruntime-node";
import type { CompiledGraph, TensorSpec } from "./compile.ts";
import { SessionError, toGraphArray, type GraphArray } from "./graph-array.ts";
import { fetchThrough, KeptOutput } from "./kept-output.ts";

export { SessionError, type GraphArray } from "./graph-array.ts";
export type { KeptOutput } from "./kept-output.ts";

export type ExecutionProviderName = "cpu" | "webgpu" | "cuda";

export interface SessionOptions {
  readonly executionProvider?: ExecutionProviderName;
  /** Threads within one operator; absent: one for each physical core. */
  readonly threadCount?: number;
  /**
   * Outputs that stay on the device of a GPU provider, to be inputs of later runs without a copy. The CPU provider gives
   * the same objects; its arrays are copied once out of ONNX Runtime in any case.
   */
  readonly keptOutputs?: readonly string[];
}

export type GraphInputs = Readonly<Record<string, GraphArray | KeptOutput>>;

/**
 * A compiled graph, ready to run. onnxruntime-node 1.30 computes inside of `run` on the calling thread, although it
 * returns a promise: a process that must stay responsive runs its sessions in a worker thread or a child process.
 */
export interface GraphSession {
  run(inputs: GraphInputs): Promise<Record<string, GraphArray>>;
  /** As `run`, with the kept outputs beside the others. */
  runAndKeep(inputs: GraphInputs): Promise<{
    readonly outputs: Record<string, GraphArray>;
    readonly kept: Record<string, KeptOutput>;
  }>;
  dispose(): Promise<void>;
}

const onlyErrors = 3;

export async function createSession(
  graph: CompiledGraph,
  options: SessionOptions = {},
): Promise<GraphSession> {
  const kept = new Set(options.keptOutputs ?? []);
  for (const name of kept) {
    if (!graph.outputs.some((output) => output.name === name)) {
      throw new SessionError(`"${name}" cannot be kept: it is no output of the graph`);
    }
  }
  const session = await openSession(graph.bytes, options);
  const { executionProvider } = options;
  const device = fetchThrough((bytes) => openSession(bytes, executionProvider ? { executionProvider } : {}));
  const compute = async (inputs: GraphInputs): Promise<ort.InferenceSession.OnnxValueMapType> => {
    const feeds = Object.fromEntries(
      graph.inputs.map((spec) => [spec.name, toOrtTensor(spec, inputs[spec.name])]),
    );
    assertKnownNames(graph.inputs, inputs);
    return session.run(feeds);
  };
  const runAndKeep: GraphSession["runAndKeep"] = async (inputs) => {
    const results = await compute(inputs);
    const outputs: Record<string, GraphArray> = {};
    const keptOutputs: Record<string, KeptOutput> = {};
    for (const { name } of graph.outputs) {
      const result = results[name];
      if (kept.has(name) && result !== undefined)
        keptOutputs[name] = new KeptOutput(name, result, device.fetch);
      else outputs[name] = toGraphArray(name, result?.data);
    }
    return { outputs, kept: keptOutputs };
  };
  return {
    runAndKeep,
    async run(inputs) {
      const { outputs, kept: held } = await runAndKeep(inputs);
      for (const [name, output] of Object.entries(held)) {
        outputs[name] = await output.read();
        output.dispose();
      }
      return outputs;
    },
    dispose: async () => {
      await device.dispose();
      await session.release();
    },
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
      ...(provider === "webgpu" && options.keptOutputs !== undefined
        ? { preferredOutputLocation: onDevice(options.keptOutputs) }
        : {}),
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

const onDevice = (names: readonly string[]): Record<string, "gpu-buffer"> =>
  Object.fromEntries(names.map((name) => [name, "gpu-buffer"]));

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

function toOrtTensor(spec: TensorSpec, values: GraphArray | KeptOutput | undefined): ort.Tensor {
  if (values instanceof KeptOutput) return values.asInput(spec);
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

function assertKnownNames(specs: readonly TensorSpec[], inputs: Readonly<Record<string, unknown>>): void {
  const stranger = Object.keys(inputs).find((name) => !specs.some((spec) => spec.name === name));
  if (stranger !== undefined) {
    throw new SessionError(
      `"${stranger}" is no input of the graph: ${specs.map(({ name }) => name).join(", ")}`,
    );
  }
}
