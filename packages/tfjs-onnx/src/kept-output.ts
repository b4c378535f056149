import type * as ort from "onnxruntime-node";
import type { TensorSpec } from "./compile.ts";
import { encodeModel } from "./encode.ts";
import { SessionError, toGraphArray, type GraphArray } from "./graph-array.ts";
import { GraphBuilder, type GraphDtype } from "./graph-builder.ts";

/** Copies a tensor from the device to JavaScript. */
export type Fetch = (tensor: ort.Tensor) => Promise<ort.Tensor["data"]>;

/** An output that stays where the provider computed it, until a run reads it as input or JavaScript asks for it. */
export class KeptOutput {
  private readonly name: string;
  private readonly tensor: ort.Tensor;
  private readonly fetch: Fetch;

  constructor(name: string, tensor: ort.Tensor, fetch: Fetch) {
    this.name = name;
    this.tensor = tensor;
    this.fetch = fetch;
  }

  async read(): Promise<GraphArray> {
    const { tensor } = this;
    return toGraphArray(this.name, tensor.location === "cpu" ? tensor.data : await this.fetch(tensor));
  }

  /** Frees it on the device; afterwards it can be neither read nor given to a run. */
  dispose(): void {
    this.tensor.dispose();
  }

  /** For the session that is given it as an input of this shape and dtype. */
  asInput(spec: TensorSpec): ort.Tensor {
    const { dims, type } = this.tensor;
    if (type !== spec.dtype || dims.join() !== spec.shape.join()) {
      throw new SessionError(
        `Input "${spec.name}" is the kept output "${this.name}" of ${type} [${dims.join()}], expected ${spec.dtype} [${spec.shape.join()}]`,
      );
    }
    return this.tensor;
  }
}

/**
 * onnxruntime-node 1.30 ends the process when a tensor on the device is asked for its data, but copies the outputs of a
 * session: one that does nothing else reads it.
 */
export function fetchThrough(open: (bytes: Uint8Array) => Promise<ort.InferenceSession>): {
  readonly fetch: Fetch;
  readonly dispose: () => Promise<void>;
} {
  const sessions = new Map<string, Promise<ort.InferenceSession>>();
  return {
    fetch: async (tensor) => {
      const key = `${tensor.type}[${tensor.dims.join()}]`;
      let session = sessions.get(key);
      if (session === undefined) sessions.set(key, (session = open(identityModel(tensor))));
      const results = await (await session).run({ kept: tensor });
      const copy = results["copy"];
      if (copy === undefined) throw new Error("A copy from the device came back without its result.");
      return copy.data;
    },
    dispose: async () => {
      for (const session of sessions.values()) await (await session).release();
      sessions.clear();
    },
  };
}

function identityModel({ dims, type }: ort.Tensor): Uint8Array {
  const graph = new GraphBuilder("portable");
  const kept = graph.input({ dims: [...dims], dtype: type as GraphDtype });
  const copy = graph.one("Identity", [kept], kept);
  return encodeModel({
    nodes: graph.nodes,
    inputs: [{ name: "kept", value: kept }],
    outputs: [{ name: "copy", value: copy }],
  });
}
