import { createHash, timingSafeEqual } from "node:crypto";

/** `xr_<id>_<secret>`: the id finds the row, the secret proves it. Only the secret's digest is stored. */
const tokenPattern = /^xr_([0-9a-f]{32})_([A-Za-z0-9_-]{43})$/;

export interface IssuedToken {
  readonly tokenId: string;
  /** Shown once, stored nowhere. */
  readonly token: string;
  readonly tokenHash: string;
}

/** @param random - 32 random bytes */
export function issueToken(tokenId: string, random: Uint8Array): IssuedToken {
  const secret = Buffer.from(random).toString("base64url");
  return { tokenId, token: `xr_${tokenId.replaceAll("-", "")}_${secret}`, tokenHash: hashOf(secret) };
}

/** The id and the digest that a presented token claims; undefined where the text is no token. */
export function parseToken(text: string): { tokenId: string; tokenHash: string } | undefined {
  const match = tokenPattern.exec(text);
  if (match === null) return undefined;
  const [, hex = "", secret = ""] = match;
  const tokenId = hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
  return { tokenId, tokenHash: hashOf(secret) };
}

/** In constant time. */
export function isSameHash(left: string, right: string): boolean {
  const [a, b] = [Buffer.from(left, "hex"), Buffer.from(right, "hex")];
  return a.length === b.length && timingSafeEqual(a, b);
}

const hashOf = (secret: string): string => createHash("sha256").update(secret).digest("hex");
