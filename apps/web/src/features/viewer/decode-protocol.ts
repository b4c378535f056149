import type { DisplayImage } from "./display-image.ts";

export type DecodeRequest =
  | { readonly task: "image"; readonly instanceId: string }
  /** The network's input, made from the same file in the same way. */
  | { readonly task: "input"; readonly instanceId: string; readonly inputSizePx: number };

/** Values in [0, 1], before normalisation, shape [inputSizePx, inputSizePx]. */
export type ModelInput = Float32Array<ArrayBuffer>;

export type DecodeReply =
  | { readonly kind: "image"; readonly answer: DisplayImage }
  | { readonly kind: "input"; readonly answer: ModelInput }
  | { readonly kind: "failure"; readonly message: string };
