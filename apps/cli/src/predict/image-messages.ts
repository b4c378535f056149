import type { ErrorCode } from "@crossread/contracts/errors";
import type { MapPlane } from "@crossread/model/saliency-frame";
import type { InputFrame, MapTargets } from "./image-stage.ts";

/** Given to a worker thread at its start. */
export interface ImageWorkerData {
  readonly frame: InputFrame;
}

/** Pool → worker thread. */
export type ImageRequest =
  | { readonly kind: "prepare"; readonly id: number; readonly file: string; readonly targets: MapTargets }
  | { readonly kind: "map"; readonly id: number; readonly map: MapPlane }
  | { readonly kind: "end" };

export interface ReadyImage {
  readonly pixels: Float32Array<ArrayBuffer>;
  /** Numbers that stay in memory until the map is written. */
  readonly keptPixels: number;
  readonly ms: { readonly decode: number; readonly preprocess: number };
}

/** Worker thread → pool; each request but "end" has one answer with its id. */
export type ImageAnswer =
  | { readonly kind: "ready"; readonly id: number; readonly image: ReadyImage }
  | { readonly kind: "written"; readonly id: number }
  | { readonly kind: "refused"; readonly id: number; readonly code: ErrorCode; readonly reason: string }
  | { readonly kind: "failed"; readonly id: number; readonly error: Error };
