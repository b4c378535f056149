/** What stands for a person: everything derived by HMAC-SHA-256 from one site's key, so that no other site can link it. */

const separator = "\u001f";
const crockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const maxShiftDays = 730;

export interface OutputIdentity {
  readonly pseudonym: string;
  readonly studyInstanceUid: string;
  readonly seriesInstanceUid: string;
  readonly sopInstanceUid: string;
}

export interface SitePseudonyms {
  /** `XR-` and 60 bits in Crockford's base 32. */
  pseudonym(patientKey: string): Promise<string>;
  /** Under the UUID arc (PS3.5 B.2), version 8. */
  uid(oldUid: string): Promise<string>;
  /** 1…730, the same for everything of one patient. */
  shiftDays(patientKey: string): Promise<number>;
  /** Goes into the file: who knows the key can tell a file of ours. */
  mac(identity: OutputIdentity): Promise<string>;
  /** Goes into a file about whose pixels a person has decided; any other pixels have another one. */
  seenMac(identity: OutputIdentity, pixels: Uint8Array): Promise<string>;
  /** A digest that only the holder of the key can look up. */
  keyedDigest(bytes: Uint8Array): Promise<string>;
  /** The same for who has the SHA-256 of the bytes already, lower-case hexadecimal. */
  keyedDigestOf(sha256: string): Promise<string>;
}

export const siteKeyByteCount = 32;

/** The same person however her number was typed: NFKC, no outer or doubled spaces, upper case. */
export function patientKeyOf(patientId: string, issuer: string): string {
  const normalise = (text: string) => text.normalize("NFKC").replaceAll(/\s+/g, " ").trim().toUpperCase();
  return [normalise(issuer), normalise(patientId)].join(separator);
}

export async function openSitePseudonyms(siteKey: Uint8Array): Promise<SitePseudonyms> {
  if (siteKey.length !== siteKeyByteCount) {
    throw new TypeError(`A site key has ${siteKeyByteCount} bytes, but ${siteKey.length} were given.`);
  }
  const key = await crypto.subtle.importKey(
    "raw",
    Uint8Array.from(siteKey),
    { name: "HMAC", hash: "SHA-256" },
    false,
    ["sign"],
  );
  const sign = async (content: Uint8Array<ArrayBuffer>) =>
    new Uint8Array(await crypto.subtle.sign("HMAC", key, content));
  const derive = (purpose: string, ...texts: string[]) =>
    sign(new TextEncoder().encode([purpose, ...texts].join(separator)));
  return {
    pseudonym: async (patientKey) => `XR-${base32(await derive("patient", patientKey))}`,
    uid: async (oldUid) => uuidUid(await derive("uid", oldUid)),
    shiftDays: async (patientKey) => 1 + (readUint48(await derive("shift", patientKey)) % maxShiftDays),
    mac: async ({ pseudonym, seriesInstanceUid, sopInstanceUid, studyInstanceUid }) =>
      base64Url(await derive("mac", pseudonym, studyInstanceUid, seriesInstanceUid, sopInstanceUid)),
    seenMac: async ({ sopInstanceUid }, pixels) =>
      base64Url(await derive("seen", sopInstanceUid, await sha256(pixels))),
    keyedDigest: async (bytes) => hex(await derive("digest", await sha256(bytes))),
    keyedDigestOf: async (digest) => hex(await derive("digest", digest)),
  };
}

async function sha256(bytes: Uint8Array): Promise<string> {
  // Web Crypto takes no view of memory that is shared; any other is digested where it lies.
  const { buffer, byteLength, byteOffset } = bytes;
  const own = buffer instanceof ArrayBuffer ? new Uint8Array(buffer, byteOffset, byteLength) : bytes.slice();
  return hex(new Uint8Array(await crypto.subtle.digest("SHA-256", own)));
}

function base32(bytes: Uint8Array): string {
  let bits = 0n;
  for (const byte of bytes.subarray(0, 8)) bits = (bits << 8n) | BigInt(byte);
  return Array.from(
    { length: 12 },
    (_, index) => crockford[Number((bits >> BigInt(59 - index * 5)) & 31n)],
  ).join("");
}

export function uuidUid(bytes: Uint8Array): string {
  const uuid = bytes.slice(0, 16);
  uuid[6] = (uuid[6]! & 0x0f) | 0x80;
  uuid[8] = (uuid[8]! & 0x3f) | 0x80;
  return `2.25.${BigInt(`0x${hex(uuid)}`)}`;
}

/** 48 bits leave no bias worth the name over 730 days. */
function readUint48(bytes: Uint8Array): number {
  return bytes.subarray(0, 6).reduce((total, byte) => total * 256 + byte, 0);
}

const hex = (bytes: Uint8Array) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

function base64Url(bytes: Uint8Array): string {
  const text = btoa(String.fromCharCode(...bytes));
  return text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
