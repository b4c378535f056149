import "@crossread/tfjs-onnx/gradients";
import { probeChannelBlock } from "@crossread/tfjs-onnx/channel-block";
import { compileFunction } from "@crossread/tfjs-onnx/compile";
import { createSession, type ExecutionProviderName } from "@crossread/tfjs-onnx/session";
import type { Engine } from "./engine.ts";
import { createProgramEngine } from "./program-engine.ts";
import { parameterTensors } from "./program.ts";

export interface OnnxEngineOptions {
  /** Default "cpu". */
  readonly executionProvider?: ExecutionProviderName;
  /** Threads within one operator; default: one for each physical core. */
  readonly threadCount?: number;
}

/** Compiles each program to an ONNX graph and runs it on ONNX Runtime; parameters of a predictor become constants. */
export function createOnnxEngine(options: OnnxEngineOptions = {}): Engine {
  const executionProvider = options.executionProvider ?? "cpu";
  let probed: Promise<number | undefined> | undefined;
  /** Training convolves with computed weights, which only the blocked operators of the CPU provider run fast. */
  const channelBlock = async () =>
    executionProvider === "cpu" ? await (probed ??= probeChannelBlock()) : undefined;
  return createProgramEngine({
    name: executionProvider === "cpu" ? "onnx" : `onnx-${executionProvider}`,
    prepare: async (program) => {
      const block = await channelBlock();
      const graph = compileFunction({
        inputs: program.inputs.map(({ name, shape }) => ({ name, shape, dtype: "float32" })),
        run: (inputs) => program.run(inputs),
        target: executionProvider === "cpu" ? "cpu" : "gpu",
        ...(block !== undefined && { channelBlock: block }),
      });
      const session = await createSession(graph, {
        executionProvider,
        ...(options.threadCount !== undefined && { threadCount: options.threadCount }),
      });
      return {
        run: async (inputs) => {
          const outputs = await session.run(inputs);
          return Object.fromEntries(
            Object.entries(outputs).map(([name, values]) => [name, asFloats(name, values)]),
          );
        },
        dispose: () => session.dispose(),
      };
    },
    hold: (config, parameters) => ({
      tensors: () => parameterTensors(config, parameters),
      dispose: () => undefined,
    }),
  });
}

function asFloats(name: string, values: Float32Array | Int32Array): Float32Array {
  if (values instanceof Float32Array) return values;
  throw new TypeError(`Output "${name}" must be float32.`);
}
