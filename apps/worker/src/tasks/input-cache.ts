import { createHash } from "node:crypto";
import { transformChainSchema, type TransformChain } from "@crossread/contracts/saliency-map";
import type { ObjectStore } from "@crossread/storage/object-store";
import { z } from "zod";

/** Raise it when presentation or preprocessing changes what the network sees. */
const preprocessingVersion = 2;

export interface CachedInput {
  /** Shape [S, S], values in [0, 1], before normalisation. */
  readonly pixels: Float32Array;
  readonly chain: TransformChain;
}

const headerSchema = z.strictObject({ chain: transformChainSchema, sha256: z.string() });
const headerLengthBytes = 4;

export const inputKey = (sha256: string, imageSize: number): string =>
  `inputs/v${preprocessingVersion}-${imageSize}/${sha256}.f32`;

/** A preprocessed image, so that every round but the first need not decode it again; undefined where absent or damaged. */
export async function findCachedInput(store: ObjectStore, key: string): Promise<CachedInput | undefined> {
  if (!(await store.has(key))) return undefined;
  const bytes = await store.get(key);
  if (bytes.length < headerLengthBytes) return undefined;
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  const body = bytes.subarray(headerLengthBytes + length);
  const header = parseHeader(bytes.subarray(headerLengthBytes, headerLengthBytes + length));
  if (header === undefined || digestOf(body) !== header.sha256) return undefined;
  const { inputSizePx } = header.chain;
  if (body.length !== inputSizePx * inputSizePx * Float32Array.BYTES_PER_ELEMENT) return undefined;
  return { chain: header.chain, pixels: new Float32Array(body.slice().buffer) };
}

export async function cacheInput(store: ObjectStore, key: string, input: CachedInput): Promise<void> {
  const { buffer, byteLength, byteOffset } = input.pixels;
  const body = new Uint8Array(buffer, byteOffset, byteLength);
  const header = new TextEncoder().encode(JSON.stringify({ chain: input.chain, sha256: digestOf(body) }));
  const bytes = new Uint8Array(headerLengthBytes + header.length + body.length);
  new DataView(bytes.buffer).setUint32(0, header.length, true);
  bytes.set(header, headerLengthBytes);
  bytes.set(body, headerLengthBytes + header.length);
  await store.put(key, bytes);
}

const digestOf = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

function parseHeader(bytes: Uint8Array): z.infer<typeof headerSchema> | undefined {
  try {
    return headerSchema.safeParse(JSON.parse(new TextDecoder().decode(bytes))).data;
  } catch {
    return undefined;
  }
}
