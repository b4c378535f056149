import { randomBytes } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { DomainError } from "@crossread/contracts/errors";
import { siteKeyByteCount } from "@crossread/dicom/deidentify/site-pseudonyms";

export interface SiteKey {
  readonly bytes: Uint8Array;
  readonly origin: "given" | "made" | "thrown-away";
}

/** 64 hexadecimal digits, base64, or 32 raw bytes; a file that does not exist is made, readable by its owner only. */
export async function openSiteKey(path: string | undefined): Promise<SiteKey> {
  if (path === undefined)
    return { bytes: new Uint8Array(randomBytes(siteKeyByteCount)), origin: "thrown-away" };
  const content = await readIfThere(path);
  if (content === undefined) {
    const bytes = randomBytes(siteKeyByteCount);
    await writeFile(path, `${bytes.toString("hex")}\n`, { mode: 0o600, flag: "wx" });
    return { bytes: new Uint8Array(bytes), origin: "made" };
  }
  return { bytes: decode(content, path), origin: "given" };
}

function decode(content: Buffer, path: string): Uint8Array {
  if (content.length === siteKeyByteCount) return new Uint8Array(content);
  const text = content.toString("latin1").trim();
  const bytes = /^[0-9a-f]{64}$/i.test(text) ? Buffer.from(text, "hex") : Buffer.from(text, "base64");
  if (bytes.length === siteKeyByteCount) return new Uint8Array(bytes);
  throw new DomainError(
    "usage",
    `A site key has ${siteKeyByteCount} bytes, as hexadecimal digits, base64 or raw, but ${path} holds none.`,
  );
}

async function readIfThere(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw new DomainError("file-missing", `The site key ${path} cannot be read.`, { cause: error });
  }
}
