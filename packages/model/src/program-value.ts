/** An array that a runtime keeps where it computed it, a GPU's memory say, until a run takes it or JavaScript reads it. */
export interface ResidentArray {
  read(): Promise<Float32Array>;
  dispose(): void;
}

export type ProgramValue = Float32Array | ResidentArray;

export const readValue = async (value: ProgramValue): Promise<Float32Array> =>
  value instanceof Float32Array ? value : value.read();

export function disposeValues(values: readonly ProgramValue[]): void {
  for (const value of values) if (!(value instanceof Float32Array)) value.dispose();
}

export async function readAll(
  values: Readonly<Record<string, ProgramValue>>,
): Promise<Record<string, Float32Array>> {
  const read: Record<string, Float32Array> = {};
  for (const [name, value] of Object.entries(values)) read[name] = await readValue(value);
  return read;
}

export interface ProgramOutputs {
  readonly arrays: Readonly<Record<string, Float32Array>>;
  /** The outputs that were to be kept; they belong to the caller. */
  readonly kept: Readonly<Record<string, ProgramValue>>;
}

/** For runtimes whose outputs are all in JavaScript's memory. */
export function separateKept(
  outputs: Readonly<Record<string, Float32Array>>,
  keptNames: readonly string[],
): ProgramOutputs {
  const isKept = ([name]: readonly [string, Float32Array]) => keptNames.includes(name);
  const entries = Object.entries(outputs);
  return {
    arrays: Object.fromEntries(entries.filter((entry) => !isKept(entry))),
    kept: Object.fromEntries(entries.filter(isKept)),
  };
}
