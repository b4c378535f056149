import type { PixelFinding } from "@crossread/dicom/deidentify/deidentified-file";
import type { FileHeader } from "@crossread/dicom/file-header";
import type { Picture } from "./file-worker-protocol.ts";
import type { Delay } from "./send-file.ts";
import type { SourceFile } from "./source-file.ts";

export const fileStates = [
  "waiting",
  "sending",
  "sent",
  "known",
  "duplicate",
  "held",
  "skipped",
  "refused",
  "failed",
] as const;
export type FileState = (typeof fileStates)[number];

export interface UploadItem {
  readonly itemId: number;
  readonly path: string;
  readonly sizeBytes: number;
  /** Undefined for what was left out before it was looked at. */
  readonly source: SourceFile | undefined;
  readonly header: FileHeader | undefined;
  readonly state: FileState;
  /** In a sentence, for people. */
  readonly note: string;
  readonly sha256: string | undefined;
  readonly sentBytes: number;
  readonly text: { readonly pixels: PixelFinding; readonly picture: Picture | undefined } | undefined;
}

export type Phase = "empty" | "looking" | "ready" | "running" | "paused" | "done" | "cancelled";

export interface UploadSnapshot {
  readonly phase: Phase;
  readonly uploadId: string;
  readonly items: readonly UploadItem[];
  readonly counts: Readonly<Record<FileState, number>>;
  readonly lookedCount: number;
  readonly doneBytes: number;
  readonly totalBytes: number;
  /** Bytes a second over the last seconds; undefined until it can be said. */
  readonly bytesPerSecond: number | undefined;
  readonly delay: { readonly kind: Delay; readonly untilMs: number } | undefined;
  /** Why it stopped by itself. */
  readonly problem: string | undefined;
}

/** States in which a file needs nothing more. */
const settled: ReadonlySet<FileState> = new Set(["sent", "known", "duplicate", "skipped", "refused"]);

export const isSettled = (state: FileState): boolean => settled.has(state);

export function countStates(items: readonly UploadItem[]): Record<FileState, number> {
  const counts = Object.fromEntries(fileStates.map((state) => [state, 0])) as Record<FileState, number>;
  for (const { state } of items) counts[state] += 1;
  return counts;
}
