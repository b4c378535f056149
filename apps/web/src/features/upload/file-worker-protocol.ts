import type { UploadFileState } from "@crossread/contracts/upload";
import type { PixelFinding, PixelRegion, PreviewGroup } from "@crossread/dicom/deidentify/deidentified-file";
import type { FileHeader } from "@crossread/dicom/file-header";
import type { Delay } from "./send-file.ts";
import type { SourceFile } from "./source-file.ts";
import type { ZipListing } from "./zip-archive.ts";

export interface Deidentifying {
  readonly profile: string;
  readonly siteKey: Uint8Array;
}

/** What a worker is asked; its answer follows in `FileAnswers` under the same kind. */
export interface FileQuestions {
  readonly "list-zip": { readonly archive: File };
  readonly look: { readonly source: SourceFile };
  readonly preview: { readonly source: SourceFile; readonly deidentifying: Deidentifying };
  readonly send: {
    readonly source: SourceFile;
    readonly deidentifying: Deidentifying;
    readonly siteId: string;
    readonly uploadId: string;
    readonly text: TextDecision;
  };
}
/** What a person says to what may be text in the pixels; "ask": nobody has looked yet. */
export type TextDecision =
  | { readonly kind: "ask" }
  | { readonly kind: "allow" }
  | { readonly kind: "mask"; readonly regions: readonly PixelRegion[] };

export type FileTask = keyof FileQuestions;

export interface FileAnswers {
  readonly "list-zip": ZipListing;
  readonly look: Look;
  readonly preview: Preview;
  readonly send: Sent;
}

export type Look =
  | { readonly kind: "dicom"; readonly header: FileHeader | undefined }
  | { readonly kind: "other"; readonly reason: string };

export interface Preview {
  readonly pseudonym: string;
  readonly wasOurs: boolean;
  readonly groups: readonly PreviewGroup[];
  readonly pixels: PixelFinding;
  readonly picture: Picture | undefined;
}

/** A small grey picture for the screen. */
export interface Picture {
  readonly widthPx: number;
  readonly heightPx: number;
  /** Pixels of the image a pixel of the picture stands for. */
  readonly reduction: number;
  readonly samples: Uint8ClampedArray<ArrayBuffer>;
}

export type Sent =
  | { readonly kind: "sent"; readonly sha256: string; readonly state: UploadFileState }
  | { readonly kind: "text-in-pixels"; readonly pixels: PixelFinding; readonly picture: Picture | undefined }
  | { readonly kind: "refused"; readonly code: string; readonly reason: string };

export type WorkerRequest =
  | {
      [TTask in FileTask]: {
        readonly id: number;
        readonly task: TTask;
        readonly question: FileQuestions[TTask];
      };
    }[FileTask]
  | { readonly id: number; readonly task: "abort" };

export type WorkerReply =
  | { readonly id: number; readonly kind: "answer"; readonly answer: FileAnswers[FileTask] }
  | {
      readonly id: number;
      readonly kind: "failure";
      readonly message: string;
      readonly isSessionEnded: boolean;
      readonly isAborted: boolean;
    }
  | {
      readonly id: number;
      readonly kind: "progress";
      readonly sentBytes: number;
      readonly totalBytes: number;
    }
  | {
      readonly id: number;
      readonly kind: "delay";
      readonly delay: { kind: Delay; seconds: number } | undefined;
    };
