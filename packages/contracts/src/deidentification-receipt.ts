/** What was done to the images of one study before they were stored; signed, so that it can be shown to others. */
import { z } from "zod";

const sha256Schema = z.string().regex(/^[0-9a-f]{64}$/);
const actionSchema = z.enum(["D", "Z", "X", "K", "C", "U"]);
const countSchema = z.int().min(0);

export const receiptActionSchema = z.strictObject({
  /** Eight hexadecimal digits; inside a sequence with the tags that lead there. */
  tag: z.string().max(400),
  keyword: z.string().max(100),
  action: actionSchema,
});
export type ReceiptAction = z.infer<typeof receiptActionSchema>;

export const actionCountsSchema = z.strictObject({
  D: countSchema,
  Z: countSchema,
  X: countSchema,
  K: countSchema,
  C: countSchema,
  U: countSchema,
});
export type ActionCounts = z.infer<typeof actionCountsSchema>;

/** What was decided about what may be text in the pixels; absent where nothing was found and nobody was asked. */
export const pixelDecisionSchema = z.strictObject({
  kind: z.enum(["masked", "allowed"]),
  /** A person on the platform, a rule of the site, or a person before the file was sent. */
  by: z.enum(["hand", "rule", "sender"]),
  ruleId: z.uuid().optional(),
});
export type PixelDecision = z.infer<typeof pixelDecisionSchema>;

/** What one file's de-identification tells the receipt of its study. */
export const fileDeidentificationSchema = z.strictObject({
  profile: z.string().max(200),
  tableVersion: z.string().max(200),
  /** HMAC of the digest of the file as it came in: only the site can look it up. */
  keyedDigestBefore: sha256Schema,
  /** The file came de-identified with the site's key already, as from the browser. */
  wasOurs: z.boolean(),
  pixels: z.enum(["clean", "suspected-text", "unchecked"]),
  pixelDecision: pixelDecisionSchema.optional(),
  actions: z.array(receiptActionSchema),
});
export type FileDeidentification = z.infer<typeof fileDeidentificationSchema>;

export const receiptFileSchema = z.strictObject({
  sopInstanceUid: z.string().max(64),
  keyedDigestBefore: sha256Schema,
  sha256After: sha256Schema,
  sizeBytesAfter: z.int().positive(),
  profile: z.string().max(200),
  tableVersion: z.string().max(200),
  software: z.string().max(200),
  wasOurs: z.boolean(),
  pixels: fileDeidentificationSchema.shape.pixels,
  pixelDecision: pixelDecisionSchema.optional(),
  actionCounts: actionCountsSchema,
});
export type ReceiptFile = z.infer<typeof receiptFileSchema>;

export const deidentificationReceiptSchema = z.strictObject({
  format: z.literal("crossread-deidentification-receipt/1"),
  siteCode: z.string(),
  studyInstanceUid: z.string().max(64),
  pseudonym: z.string().max(64),
  issuedAt: z.iso.datetime(),
  actionCounts: actionCountsSchema,
  /** In order of their tags; how many of the files each was done to. */
  attributes: z.array(receiptActionSchema.extend({ fileCount: z.int().positive() })),
  /** In order of their SOP Instance UIDs. */
  files: z.array(receiptFileSchema).min(1),
});
export type DeidentificationReceipt = z.infer<typeof deidentificationReceiptSchema>;

const base64UrlSchema = z.string().regex(/^[A-Za-z0-9_-]+$/);

export const signedReceiptSchema = z.strictObject({
  receipt: deidentificationReceiptSchema,
  algorithm: z.literal("Ed25519"),
  /** Raw key of 32 bytes and signature of 64 bytes over the receipt's canonical text, both base64url. */
  publicKey: base64UrlSchema,
  signature: base64UrlSchema,
});
export type SignedReceipt = z.infer<typeof signedReceiptSchema>;

export function countActions(actions: readonly ReceiptAction[]): ActionCounts {
  const counts: ActionCounts = { D: 0, Z: 0, X: 0, K: 0, C: 0, U: 0 };
  for (const { action } of actions) counts[action] += 1;
  return counts;
}

/** The text that is signed: JSON without spaces, keys in order. */
export function receiptText(receipt: DeidentificationReceipt): string {
  return JSON.stringify(receipt, (_key, value: unknown) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
    return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}
