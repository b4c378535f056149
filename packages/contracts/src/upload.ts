/** The upload protocol: PUT and GET /api/uploads/SITE/UPLOAD/files/SHA256. A file's only name is its digest. */
import { z } from "zod";

export const uploadLimits = {
  /** One request carries at most this much of a file. */
  chunkBytes: 8 * 1024 * 1024,
  /** A full-field mammogram at 50 µm and 16 bits has 58 MB. */
  fileBytes: 160 * 1024 * 1024,
  filesPerUpload: 100_000,
  /** Uploads of one site that are open at the same time. */
  openUploads: 20,
} as const;

export const sha256Schema = z.string().regex(/^[0-9a-f]{64}$/, "must be 64 lower-case hexadecimal digits");

export const uploadFileStateSchema = z.enum(["receiving", "staged", "held", "accepted", "known", "refused"]);
export type UploadFileState = z.infer<typeof uploadFileStateSchema>;

/** What the server has of a file; `receivedBytes` is where the next chunk begins. */
export const fileReceiptSchema = z.strictObject({
  state: uploadFileStateSchema,
  receivedBytes: z.int().min(0),
});
export type FileReceipt = z.infer<typeof fileReceiptSchema>;

/** Answer to a chunk that does not follow on what the server has. */
export const offsetConflictSchema = z.object({ receivedBytes: z.int().min(0) });

interface UploadedFile {
  readonly siteId: string;
  readonly uploadId: string;
  readonly sha256: string;
}

/** Where the whole file waits for the ingest. */
export const stagedKey = ({ sha256, siteId, uploadId }: UploadedFile): string =>
  `uploads/${siteId}/${uploadId}/${sha256}.dcm`;

/** Where a file is kept until a person has decided about its pixels. */
export const heldKey = (staged: string): string => staged.replace(/^uploads\//, "held/");
export const heldPreviewKey = (staged: string): string => `${heldKey(staged)}.png`;

/** Where the file, or its preview, came from. */
export const stagedKeyOfHeld = (key: string): string =>
  key.replace(/^held\//, "uploads/").replace(/\.png$/, "");

/** Where its chunks wait for each other. */
export const partPrefix = ({ sha256, siteId, uploadId }: UploadedFile): string =>
  `parts/${siteId}/${uploadId}/${sha256}/`;

/** Padded, so that sorted keys are in the order of the bytes. */
export const partKey = (file: UploadedFile, offset: number): string =>
  `${partPrefix(file)}${String(offset).padStart(12, "0")}`;
