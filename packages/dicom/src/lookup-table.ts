/** Modality LUT and VOI LUT items (PS3.3 C.11.1.1, C.11.2.1.1). */
import { DomainError } from "@crossread/contracts/errors";
import type { DataSet } from "dicom-parser";
import { elementBytes, unsignedShorts } from "./dicom-data-set.ts";

export interface LookupTable {
  /** Input value that maps to the first entry; smaller inputs do too. */
  readonly firstMapped: number;
  /** 8 or 10…16 by the standard; entries lie in [0, 2^bits). */
  readonly bitsPerEntry: number;
  readonly entries: Uint16Array;
}

export interface LookupTableContext {
  readonly isBigEndian: boolean;
  /** Whether the first mapped value is to be read as signed: it is where the LUT's input may be negative. */
  readonly isInputSigned: boolean;
  readonly fileName: string;
}

export function readLookupTable(item: DataSet, context: LookupTableContext): LookupTable {
  const [declaredCount, firstMappedBits, bitsPerEntry] = unsignedShorts(item, "x00283002");
  const data = item.elements["x00283006"];
  const isComplete =
    declaredCount !== undefined && firstMappedBits !== undefined && bitsPerEntry !== undefined;
  if (!isComplete || data === undefined) {
    throw new DomainError(
      "image-unreadable",
      `A lookup table needs a descriptor of three values and data, but one in ${context.fileName} lacks them.`,
    );
  }
  if (bitsPerEntry < 1 || bitsPerEntry > 16) {
    throw new DomainError(
      "image-unreadable",
      `Lookup table entries have 1 to 16 bits, but a table in ${context.fileName} declares ${bitsPerEntry}.`,
    );
  }
  // C.11.1.1.1: 0 stands for 2^16, and the second value has the sign of the input.
  const count = declaredCount === 0 ? 65536 : declaredCount;
  const isSigned = item.elements["x00283002"]?.vr === "SS" || context.isInputSigned;
  const firstMapped = isSigned && firstMappedBits > 0x7fff ? firstMappedBits - 0x10000 : firstMappedBits;
  const entries = readEntries(elementBytes(item, data), count, context);
  return { firstMapped, bitsPerEntry: Math.max(bitsPerEntry, bitsNeeded(entries)), entries };
}

/** Some vendors declare 8 bits for entries of 10 or 12: taken at their word, all of the image would be white. */
function bitsNeeded(entries: Uint16Array): number {
  let union = 0;
  for (const entry of entries) union |= entry;
  return 32 - Math.clz32(union);
}

/** Entry for an input value, clamped to the table's ends. */
export function lookUp(table: LookupTable, value: number): number {
  const index = Math.min(Math.max(Math.round(value) - table.firstMapped, 0), table.entries.length - 1);
  return table.entries[index]!;
}

function readEntries(bytes: Uint8Array, count: number, context: LookupTableContext): Uint16Array {
  if (bytes.length >= count * 2) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return Uint16Array.from({ length: count }, (_, index) => view.getUint16(index * 2, !context.isBigEndian));
  }
  // 8-bit entries may be packed two to a word (C.11.1.1.2).
  if (bytes.length === count || bytes.length === count + 1) return Uint16Array.from(bytes.subarray(0, count));
  throw new DomainError(
    "image-truncated",
    `A lookup table in ${context.fileName} declares ${count} entries, but has ${bytes.length} bytes.`,
  );
}
