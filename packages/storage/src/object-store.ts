import { DomainError } from "@crossread/contracts/errors";

/** Blobs by key. Keys are slash-separated segments of `A–Z a–z 0–9 . _ -`; no segment starts with a dot. */
export interface ObjectStore {
  /** Replaces what is there; readers see the old bytes or the new ones, never a part. */
  put(key: string, bytes: Uint8Array): Promise<void>;
  /** As `put`, for bytes that come piece by piece and are `sizeBytes` in all; nothing is stored if that fails. */
  putStream(key: string, pieces: AsyncIterable<Uint8Array>, sizeBytes: number): Promise<void>;
  /** @throws {DomainError} "blob-missing" */
  get(key: string): Promise<Uint8Array>;
  has(key: string): Promise<boolean>;
  /** Does nothing where there is no such blob. */
  delete(key: string): Promise<void>;
  /** Keys that begin with the prefix, sorted; "" lists all. */
  list(prefix: string): Promise<string[]>;
}

const keyPattern = /^[A-Za-z0-9_-][A-Za-z0-9._-]*(\/[A-Za-z0-9_-][A-Za-z0-9._-]*)*$/;
const prefixPattern = /^([A-Za-z0-9_-][A-Za-z0-9._-]*(\/|$))*$/;
const maxKeyLength = 512;

export function assertKey(key: string): void {
  if (key.length > maxKeyLength || !keyPattern.test(key)) throw invalid("key", key);
}

export function assertPrefix(prefix: string): void {
  if (prefix.length > maxKeyLength || !prefixPattern.test(prefix)) throw invalid("prefix", prefix);
}

export function blobMissing(key: string, cause?: unknown): DomainError {
  return new DomainError("blob-missing", `There is no blob ${key}.`, { cause });
}

/** Passes the pieces on and fails where they are more or fewer bytes than was said. */
export async function* ofSize(
  key: string,
  pieces: AsyncIterable<Uint8Array>,
  sizeBytes: number,
): AsyncGenerator<Uint8Array> {
  let passed = 0;
  for await (const piece of pieces) {
    passed += piece.length;
    if (passed > sizeBytes) break;
    yield piece;
  }
  if (passed !== sizeBytes) {
    throw new DomainError("usage", `Blob ${key} was to have ${sizeBytes} bytes, but other bytes came.`);
  }
}

function invalid(what: string, text: string): DomainError {
  const shown = JSON.stringify(text.slice(0, 80));
  return new DomainError(
    "usage",
    `A storage ${what} consists of segments of letters, digits, ".", "_" and "-" that do not start with a dot, got ${shown}.`,
  );
}
