import * as tf from "@tensorflow/tfjs-core";
import * as ort from "onnxruntime-node";
import { compileFunction } from "./compile.ts";
import { messageOf, type ExecutionProviderName } from "./session.ts";

export interface ExecutionProvider {
  readonly name: ExecutionProviderName;
  /** It is part of onnxruntime-node's package; "cuda" is not, its install script fetches it. */
  readonly isBundled: boolean;
  /** It has just computed a small graph correctly on this machine. */
  readonly isUsable: boolean;
  /** Why it is not usable. */
  readonly reason?: string;
}

const names: readonly ExecutionProviderName[] = ["cpu", "webgpu", "cuda"];

/** Has every provider compute a small convolution on its own, rather than believing what the library lists. */
export async function listExecutionProviders(): Promise<readonly ExecutionProvider[]> {
  const listed: readonly { readonly name: string; readonly bundled: boolean }[] = ort.listSupportedBackends();
  const providers: ExecutionProvider[] = [];
  for (const name of names) {
    const backend = listed.find((each) => each.name === name);
    const reason = backend ? await failureOf(name) : "unknown to this version of onnxruntime-node";
    providers.push({
      name,
      isBundled: backend?.bundled ?? false,
      isUsable: reason === undefined,
      ...(reason === undefined ? {} : { reason }),
    });
  }
  return providers;
}

async function failureOf(name: ExecutionProviderName): Promise<string | undefined> {
  const filter = Float32Array.from({ length: 9 }, (_, index) => index);
  const { bytes } = compileFunction({
    inputs: [{ name: "x", shape: [1, 3, 3, 1], dtype: "float32" }],
    run: ({ x }) => ({ y: tf.conv2d(x as tf.Tensor4D, tf.tensor4d(filter, [3, 3, 1, 1]), 1, "valid") }),
    target: "gpu",
  });
  try {
    const session = await ort.InferenceSession.create(bytes, {
      executionProviders: [name],
      logSeverityLevel: 4,
    });
    const { y } = await session.run({ x: new ort.Tensor("float32", filter, [1, 3, 3, 1]) });
    await session.release();
    const expected = 204; // 0² + 1² + … + 8²
    return y?.data[0] === expected ? undefined : `computed ${String(y?.data[0])} instead of ${expected}`;
  } catch (error) {
    return messageOf(error).split("\n")[0];
  }
}
