import "@crossread/tfjs-onnx/gradients";
import { probeChannelBlock } from "@crossread/tfjs-onnx/channel-block";
import { compileFunction } from "@crossread/tfjs-onnx/compile";
import { createSession, type ExecutionProviderName, type KeptOutput } from "@crossread/tfjs-onnx/session";
import type { Engine } from "./engine.ts";
import { createProgramEngine } from "./program-engine.ts";
import { readValue, separateKept, type ProgramValue, type ResidentArray } from "./program-value.ts";
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
  const isOnDevice = executionProvider !== "cpu";
  let probed: Promise<number | undefined> | undefined;
  /** Training convolves with computed weights, which only the blocked operators of the CPU provider run fast. */
  const channelBlock = async () =>
    executionProvider === "cpu" ? await (probed ??= probeChannelBlock()) : undefined;
  return createProgramEngine({
    name: executionProvider === "cpu" ? "onnx" : `onnx-${executionProvider}`,
    prepare: async (program, keptNames = []) => {
      const block = await channelBlock();
      const graph = compileFunction({
        inputs: program.inputs.map(({ name, shape }) => ({ name, shape, dtype: "float32" })),
        run: (inputs) => program.run(inputs),
        target: executionProvider === "cpu" ? "cpu" : "gpu",
        ...(block !== undefined && { channelBlock: block }),
      });
      const session = await createSession(graph, {
        executionProvider,
        keptOutputs: isOnDevice ? keptNames : [],
        ...(options.threadCount !== undefined && { threadCount: options.threadCount }),
      });
      return {
        run: async (inputs) => {
          const { kept, outputs } = await session.runAndKeep(await toGraphInputs(inputs));
          const arrays = Object.fromEntries(
            Object.entries(outputs).map(([name, values]) => [name, asFloats(name, values)]),
          );
          if (!isOnDevice) return separateKept(arrays, keptNames);
          return {
            arrays,
            kept: Object.fromEntries(
              Object.entries(kept).map(([name, output]) => [name, new ResidentOutput(name, output)]),
            ),
          };
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

class ResidentOutput implements ResidentArray {
  private readonly name: string;
  readonly output: KeptOutput;

  constructor(name: string, output: KeptOutput) {
    this.name = name;
    this.output = output;
  }

  async read(): Promise<Float32Array> {
    return asFloats(this.name, await this.output.read());
  }

  dispose(): void {
    this.output.dispose();
  }
}

async function toGraphInputs(
  inputs: Readonly<Record<string, ProgramValue>>,
): Promise<Record<string, Float32Array | KeptOutput>> {
  const values: Record<string, Float32Array | KeptOutput> = {};
  for (const [name, value] of Object.entries(inputs)) {
    values[name] = value instanceof ResidentOutput ? value.output : await readValue(value);
  }
  return values;
}

function asFloats(name: string, values: Float32Array | Int32Array): Float32Array {
  if (values instanceof Float32Array) return values;
  throw new TypeError(`Output "${name}" must be float32.`);
}
