import type { ServerState } from "@crossread/federation/strategy";
import { DomainError } from "@crossread/contracts/errors";
import { z } from "zod";
import type { WorkerContext } from "../worker-context.ts";

/** Vectors of the server's optimizer between two rounds; strategies without memory have none. */
const keyOf = (runId: string, roundNumber: number): string => `server-states/${runId}/${roundNumber}.bin`;

const headerSchema = z.array(z.strictObject({ name: z.string(), length: z.int().min(0) }));

export async function storeServerState(
  context: WorkerContext,
  stored: { runId: string; roundNumber: number; state: ServerState },
): Promise<void> {
  const vectors = Object.entries(stored.state);
  if (vectors.length === 0) return;
  await context.store.put(keyOf(stored.runId, stored.roundNumber), encodeServerState(stored.state));
}

/** Empty before the first round and for strategies that keep nothing. */
export async function loadServerState(
  context: WorkerContext,
  runId: string,
  roundNumber: number,
): Promise<ServerState> {
  const key = keyOf(runId, roundNumber);
  if (roundNumber === 0 || !(await context.store.has(key))) return {};
  return decodeServerState(await context.store.get(key));
}

/** Header length (uint32), header (JSON), then float64 vectors, little endian. */
export function encodeServerState(state: ServerState): Uint8Array<ArrayBuffer> {
  const vectors = Object.entries(state).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const header = new TextEncoder().encode(
    JSON.stringify(vectors.map(([name, values]) => ({ name, length: values.length }))),
  );
  const valueCount = vectors.reduce((count, [, values]) => count + values.length, 0);
  const bytes = new Uint8Array(4 + header.length + valueCount * 8);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, header.length, true);
  bytes.set(header, 4);
  let offset = 4 + header.length;
  for (const [, values] of vectors) {
    for (const value of values) {
      view.setFloat64(offset, value, true);
      offset += 8;
    }
  }
  return bytes;
}

export function decodeServerState(bytes: Uint8Array): ServerState {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headerLength = bytes.length < 4 ? Number.POSITIVE_INFINITY : view.getUint32(0, true);
  if (4 + headerLength > bytes.length) throw unreadable();
  const parsed = headerSchema.safeParse(
    JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + headerLength))),
  );
  if (!parsed.success) throw unreadable();
  const state: Record<string, Float64Array> = {};
  let offset = 4 + headerLength;
  for (const { length, name } of parsed.data) {
    if (offset + length * 8 > bytes.length) throw unreadable();
    state[name] = Float64Array.from({ length }, (_, index) => view.getFloat64(offset + index * 8, true));
    offset += length * 8;
  }
  return state;
}

const unreadable = (): DomainError =>
  new DomainError("checkpoint-invalid", "The state of the server's optimizer cannot be read.");
