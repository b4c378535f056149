import * as ort from "onnxruntime-node";
import { toBlocked } from "./blocked-layout.ts";
import { encodeModel } from "./encode.ts";
import { GraphBuilder } from "./graph-builder.ts";

const channels = 64;

/**
 * The block size of ONNX Runtime's blocked channel layout on this machine, for `CompileOptions.channelBlock`:
 * 16 with AVX-512, 8 with AVX2, undefined where the CPU provider does not have the layout.
 */
export async function probeChannelBlock(): Promise<number | undefined> {
  const graph = new GraphBuilder("cpu");
  const x = graph.input({ dims: [1, channels, 1, 2], dtype: "float32" });
  const y = toBlocked(graph, x);
  const bytes = encodeModel({
    nodes: graph.nodes,
    inputs: [{ name: "x", value: x }],
    outputs: [{ name: "y", value: y }],
  });
  const numbered = Float32Array.from({ length: channels * 2 }, (_, index) => index);
  try {
    const session = await ort.InferenceSession.create(bytes, { logSeverityLevel: 4 });
    const results = await session.run({ x: new ort.Tensor("float32", numbered, [1, channels, 1, 2]) });
    await session.release();
    // The second pixel of the first channel comes after the first pixel of all channels of the block.
    const block = Array.from(results["y"]?.data ?? [], Number).indexOf(1);
    return block > 1 ? block : undefined;
  } catch {
    return undefined; // No such operator in this build: convolutions stay in NCHW.
  }
}
