import type * as ort from "onnxruntime-node";

export type GraphArray = Float32Array | Int32Array;

/** A graph that its execution provider cannot load, or inputs that do not fit the graph. */
export class SessionError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "SessionError";
  }
}

export function toGraphArray(name: string, data: ort.Tensor["data"] | undefined): GraphArray {
  if (data instanceof Float32Array || data instanceof Int32Array) return data;
  if (data instanceof Uint8Array) return Int32Array.from(data);
  throw new SessionError(`Output "${name}" came back as ${data === undefined ? "nothing" : typeof data}`);
}
