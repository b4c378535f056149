/** Every site's key for pseudonyms, encrypted at rest under the platform's master key. */
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto";
import { DomainError } from "@crossread/contracts/errors";
import { appendAudit } from "./audit.ts";
import type { Database } from "./database.ts";

const keyByteCount = 32;
const nonceByteCount = 12;
const tagByteCount = 16;
const sealVersion = 1;

/** 64 hexadecimal digits, or 32 bytes in base64. */
export function parseMasterKey(text: string, variable = "CROSSREAD_MASTER_KEY"): Uint8Array {
  const trimmed = text.trim();
  const bytes = /^[0-9a-f]{64}$/i.test(trimmed)
    ? Buffer.from(trimmed, "hex")
    : Buffer.from(trimmed, "base64");
  if (bytes.length !== keyByteCount) {
    throw new DomainError(
      "environment-invalid",
      `${variable} must hold ${keyByteCount} bytes as hexadecimal digits or base64, but it holds ${bytes.length}.`,
    );
  }
  return new Uint8Array(bytes);
}

/** A key of its own for each purpose, so that none of them reveals another. */
export function deriveKey(masterKey: Uint8Array, purpose: string): Uint8Array {
  return new Uint8Array(
    hkdfSync("sha256", masterKey, new Uint8Array(0), `crossread ${purpose}`, keyByteCount),
  );
}

export interface SealedFor {
  /** Authenticated, so that what is sealed opens in its own place only. */
  readonly place: string;
  readonly purpose: "site keys" | "platform secrets";
  readonly masterKey: Uint8Array;
}

/** AES-256-GCM under a key of the purpose's own. */
export function seal(secret: Uint8Array, { masterKey, place, purpose }: SealedFor): Uint8Array<ArrayBuffer> {
  const nonce = randomBytes(nonceByteCount);
  const cipher = createCipheriv("aes-256-gcm", deriveKey(masterKey, purpose), nonce);
  cipher.setAAD(Buffer.from(place));
  const sealed = Buffer.concat([cipher.update(secret), cipher.final()]);
  return new Uint8Array(Buffer.concat([Uint8Array.of(sealVersion), nonce, sealed, cipher.getAuthTag()]));
}

/** Throws where it was sealed for another place, purpose or master key, or was changed since. */
export function unseal(sealed: Uint8Array, { masterKey, place, purpose }: SealedFor): Uint8Array {
  const tagStart = sealed.length - tagByteCount;
  if (sealed[0] !== sealVersion) throw new TypeError("unknown version");
  const nonce = sealed.subarray(1, 1 + nonceByteCount);
  const decipher = createDecipheriv("aes-256-gcm", deriveKey(masterKey, purpose), nonce);
  decipher.setAAD(Buffer.from(place));
  decipher.setAuthTag(sealed.subarray(tagStart));
  const opened = decipher.update(sealed.subarray(1 + nonceByteCount, tagStart));
  return new Uint8Array(Buffer.concat([opened, decipher.final()]));
}

export const sealSiteKey = (siteKey: Uint8Array, siteId: string, masterKey: Uint8Array) =>
  seal(siteKey, { place: siteId, purpose: "site keys", masterKey });

export function openSiteKey(sealed: Uint8Array, siteId: string, masterKey: Uint8Array): Uint8Array {
  try {
    return unseal(sealed, { place: siteId, purpose: "site keys", masterKey });
  } catch (error) {
    throw new DomainError(
      "site-key-unreadable",
      `The key of site ${siteId} does not open: CROSSREAD_MASTER_KEY is not the one it was sealed with.`,
      { cause: error },
    );
  }
}

/** The site's key; made at first use for a site that has none. */
export async function loadSiteKey(db: Database, siteId: string, masterKey: Uint8Array): Promise<Uint8Array> {
  const find = () => db.site.findUnique({ where: { id: siteId }, select: { deidentificationKey: true } });
  let site = await find();
  if (site === null) throw new DomainError("not-found", `There is no site ${siteId}.`);
  if (site.deidentificationKey === null) {
    const sealed = sealSiteKey(randomBytes(keyByteCount), siteId, masterKey);
    // Whoever comes second takes the key of whoever came first.
    await db.site.updateMany({
      where: { id: siteId, deidentificationKey: null },
      data: { deidentificationKey: Uint8Array.from(sealed) },
    });
    site = await find();
  }
  return openSiteKey(site?.deidentificationKey ?? new Uint8Array(0), siteId, masterKey);
}

/** For the browser of a person of that site; who fetched it is written down, the key is not. */
export async function handOutSiteKey(
  db: Database,
  request: { siteId: string; actorId: string; masterKey: Uint8Array },
): Promise<Uint8Array> {
  const key = await loadSiteKey(db, request.siteId, request.masterKey);
  await appendAudit(db, {
    actorId: request.actorId,
    siteId: request.siteId,
    action: "site.deidentification-key",
    entityKind: "site",
    entityId: request.siteId,
    details: {},
  });
  return key;
}
