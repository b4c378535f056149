/** Content-addressed blobs: the key holds the SHA-256 of the bytes, so equal content is stored once. */
import { createHash } from "node:crypto";
import { DomainError } from "@crossread/contracts/errors";
import type { ObjectStore } from "./object-store.ts";

export interface StoredContent {
  readonly key: string;
  /** Lower-case hexadecimal. */
  readonly sha256: string;
  readonly sizeBytes: number;
}

export function sha256Of(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** Two hexadecimal digits make a folder, so that no directory grows without bound. */
export function contentKey(prefix: string, sha256: string): string {
  return `${prefix}/${sha256.slice(0, 2)}/${sha256}`;
}

export async function putContent(
  store: ObjectStore,
  prefix: string,
  bytes: Uint8Array,
): Promise<StoredContent> {
  const sha256 = sha256Of(bytes);
  const key = contentKey(prefix, sha256);
  if (!(await store.has(key))) await store.put(key, bytes);
  return { key, sha256, sizeBytes: bytes.length };
}

/** Refuses bytes that are not those that were stored. */
export async function getContent(
  store: ObjectStore,
  content: Pick<StoredContent, "key" | "sha256">,
): Promise<Uint8Array> {
  const bytes = await store.get(content.key);
  const sha256 = sha256Of(bytes);
  if (sha256 !== content.sha256) {
    throw new DomainError(
      "blob-digest-mismatch",
      `Blob ${content.key} should have the digest ${content.sha256}, but has ${sha256}.`,
    );
  }
  return bytes;
}
