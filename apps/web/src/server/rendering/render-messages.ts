import type { ErrorCode } from "@crossread/contracts/errors";
import type { RenderedImageOptions } from "@crossread/dicom/rendered-image";

export interface RenderRequest {
  readonly id: number;
  readonly bytes: Uint8Array;
  /** For messages: never more than a UID. */
  readonly name: string;
  readonly options: RenderedImageOptions;
}

export type RenderAnswer =
  | { readonly kind: "rendered"; readonly id: number; readonly image: Uint8Array }
  | { readonly kind: "refused"; readonly id: number; readonly code: ErrorCode; readonly message: string }
  | { readonly kind: "failed"; readonly id: number; readonly error: Error };
