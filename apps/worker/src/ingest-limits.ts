import { createSlots, type Slots } from "./children/slots.ts";

export interface IngestLimits {
  /** Files of one upload after which the next upload has its turn. */
  readonly filesPerTurn: number;
  /** Processes of this worker that look at files at the same time. */
  readonly laneCount: number;
  /** A file that takes longer has hung the decoder. */
  readonly fileTimeoutMs: number;
  /** What a process may need on top of that before its first file. */
  readonly processStartMs: number;
  /** Resident memory of a process that looks at files. */
  readonly memoryLimitBytes: number;
  /** Files of one site that wait for a decision about their pixels; what comes beyond is refused. */
  readonly heldBytesLimit: number;
}

export interface Ingest extends IngestLimits {
  readonly lanes: Slots;
}

/** The largest accepted image needs some 800 MB while it is decoded; a process starts with 150 MB. */
const defaults: Omit<IngestLimits, "laneCount"> = {
  filesPerTurn: 256,
  fileTimeoutMs: 60_000,
  processStartMs: 30_000,
  memoryLimitBytes: 2 * 1024 ** 3,
  heldBytesLimit: 20 * 1024 ** 3,
};

export function createIngest(given: Partial<IngestLimits> & Pick<IngestLimits, "laneCount">): Ingest {
  const limits = { ...defaults, ...given };
  return { ...limits, lanes: createSlots(limits.laneCount) };
}
