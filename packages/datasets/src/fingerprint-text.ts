import { fingerprintVersion } from "./image-fingerprint.ts";

/** What the text of every fingerprint of this version begins with. */
export const fingerprintPrefix = `texture-points-${fingerprintVersion}:`;

export const toFingerprintText = (bytes: Uint8Array): string =>
  fingerprintPrefix + Buffer.from(bytes).toString("base64");

/** Undefined where the text is of another version: the image has to be looked at again. */
export const parseFingerprintText = (text: string): Uint8Array | undefined =>
  text.startsWith(fingerprintPrefix)
    ? new Uint8Array(Buffer.from(text.slice(fingerprintPrefix.length), "base64"))
    : undefined;
