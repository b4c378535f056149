import "@crossread/tfjs-onnx/gradients";
import * as tf from "@tensorflow/tfjs-core";
import type { Engine } from "./engine.ts";
import { createProgramEngine, type ProgramRuntime } from "./program-engine.ts";
import { readAll, separateKept } from "./program-value.ts";
import { parameterTensors, type NamedTensors, type Program } from "./program.ts";

/**
 * Eager execution on a tfjs backend that the caller has registered: "cpu" (the reference, for small configurations),
 * "tensorflow" (tfjs-node, tfjs-node-gpu).
 */
export async function createTfjsEngine(backendName: string): Promise<Engine> {
  await withBackend(backendName, () => undefined);
  return createProgramEngine(tfjsRuntime(backendName));
}

/** The program as it stands, without a compiler. */
export function tfjsRuntime(backendName: string): ProgramRuntime {
  return {
    name: backendName,
    prepare: (program, kept = []) =>
      Promise.resolve({
        run: async (inputs) => {
          const values = await readAll(inputs);
          return separateKept(await withBackend(backendName, () => runEagerly(program, values)), kept);
        },
        dispose: () => Promise.resolve(),
      }),
    hold: (config, parameters) => {
      let held: Map<string, tf.Tensor> | undefined;
      return {
        tensors: () => (held ??= keepAll(parameterTensors(config, parameters))),
        dispose: () => {
          for (const tensor of held?.values() ?? []) tensor.dispose();
          held = undefined;
        },
      };
    },
  };
}

function keepAll(tensors: Map<string, tf.Tensor>): Map<string, tf.Tensor> {
  for (const tensor of tensors.values()) tf.keep(tensor);
  return tensors;
}

function runEagerly(program: Program, inputs: Record<string, Float32Array>): Record<string, Float32Array> {
  const results: Record<string, Float32Array> = {};
  tf.tidy(() => {
    const named: NamedTensors = {};
    for (const { name, shape } of program.inputs) {
      const values = inputs[name];
      if (values === undefined) throw new Error(`Input "${name}" is missing.`);
      named[name] = tf.tensor(values.slice(), [...shape], "float32");
    }
    for (const [name, tensor] of Object.entries(program.run(named))) {
      results[name] = Float32Array.from(tensor.dataSync());
    }
  });
  return results;
}

/** tfjs has one backend at a time for the whole process; it is put back afterwards. */
async function withBackend<TResult>(backendName: string, body: () => TResult): Promise<TResult> {
  const previous = tf.engine().backendName;
  if (!(await tf.setBackend(backendName))) {
    throw new Error(`TensorFlow.js could not start its backend "${backendName}".`);
  }
  try {
    void tf.setBackend(backendName); // another caller may have switched during the await; this takes effect at once
    return body();
  } finally {
    if (previous && previous !== backendName) void tf.setBackend(previous);
  }
}
