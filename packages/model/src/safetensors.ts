import { DomainError } from "@crossread/contracts/errors";

/** The safetensors container: 8 bytes of header length, a JSON header, then the tensors' bytes without gaps. */

export const safetensorsDtypes = {
  F64: 8,
  F32: 4,
  F16: 2,
  BF16: 2,
  I64: 8,
  I32: 4,
  I16: 2,
  I8: 1,
  U8: 1,
  BOOL: 1,
} as const;
export type SafetensorsDtype = keyof typeof safetensorsDtypes;

export interface SafetensorsEntry {
  readonly dtype: SafetensorsDtype;
  readonly shape: readonly number[];
  /** A view into the file's bytes, little endian, of any alignment. */
  readonly bytes: Uint8Array;
}

export interface SafetensorsFile {
  readonly tensors: ReadonlyMap<string, SafetensorsEntry>;
  readonly metadata: ReadonlyMap<string, string>;
}

export interface FloatTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** Longest header that the reference reader accepts. */
const maxHeaderBytes = 100_000_000;
const maxTensorCount = 100_000;
const maxRank = 16;

/** Float32 tensors in the order given; the header is padded with spaces so that the data starts at a multiple of 8. */
export function encodeSafetensors(
  tensors: readonly FloatTensor[],
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer> {
  const header = new Map<string, unknown>();
  if (Object.keys(metadata).length > 0) header.set("__metadata__", metadata);
  let offset = 0;
  for (const tensor of tensors) {
    const end = offset + tensor.values.length * 4;
    header.set(tensor.name, { dtype: "F32", shape: tensor.shape, data_offsets: [offset, end] });
    offset = end;
  }
  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries(header)));
  const headerBytes = Math.ceil(json.length / 8) * 8;
  const file = new Uint8Array(8 + headerBytes + offset);
  const view = new DataView(file.buffer);
  view.setBigUint64(0, BigInt(headerBytes), true);
  file.set(json, 8);
  file.fill(0x20, 8 + json.length, 8 + headerBytes);
  let position = 8 + headerBytes;
  for (const { values } of tensors) {
    for (const value of values) {
      view.setFloat32(position, value, true);
      position += 4;
    }
  }
  return file;
}

/**
 * Reads untrusted bytes: every offset, shape and type is checked before use, and the tensors must cover the data once.
 *
 * @param origin - name of the file for messages
 * @throws {DomainError} "weights-invalid"
 */
export function parseSafetensors(file: Uint8Array, origin: string): SafetensorsFile {
  const refuse = (rule: string, cause?: unknown): never => {
    throw new DomainError("weights-invalid", `${rule} (${origin}).`, { cause });
  };
  if (file.length < 8) return refuse(`A safetensors file has at least 8 bytes, got ${file.length}`);
  const declared = new DataView(file.buffer, file.byteOffset, 8).getBigUint64(0, true);
  if (declared > BigInt(Math.min(maxHeaderBytes, file.length - 8))) {
    return refuse(
      `The header must lie inside the file of ${file.length} bytes, but declares ${declared} bytes`,
    );
  }
  const dataStart = 8 + Number(declared);
  const data = file.subarray(dataStart);
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(file.subarray(8, dataStart)));
  } catch (cause) {
    return refuse("The header must be JSON in UTF-8", cause);
  }
  if (!isRecord(header)) return refuse("The header must be a JSON object");
  const entries = Object.entries(header);
  if (entries.length > maxTensorCount)
    return refuse(`At most ${maxTensorCount} tensors are read, got ${entries.length}`);

  const tensors = new Map<string, SafetensorsEntry>();
  const metadata = new Map<string, string>();
  const ranges: { name: string; begin: number; end: number }[] = [];
  for (const [name, value] of entries) {
    if (name === "__metadata__") {
      if (!isRecord(value)) return refuse("__metadata__ must be a JSON object");
      for (const [key, text] of Object.entries(value)) {
        if (typeof text !== "string")
          return refuse(`__metadata__ must hold strings, but "${clip(key)}" does not`);
        metadata.set(key, text);
      }
      continue;
    }
    const { begin, dtype, end, shape } = parseEntry(clip(name), value, refuse);
    if (end > data.length) {
      return refuse(
        `Tensor "${clip(name)}" ends at byte ${end}, but the file holds ${data.length} bytes of data`,
      );
    }
    ranges.push({ name, begin, end });
    tensors.set(name, { dtype, shape, bytes: data.subarray(begin, end) });
  }
  ranges.sort((a, b) => a.begin - b.begin || a.end - b.end);
  let covered = 0;
  for (const range of ranges) {
    if (range.begin !== covered) {
      return refuse(
        `Tensors must follow each other, but "${clip(range.name)}" starts at ${range.begin}, not ${covered}`,
      );
    }
    covered = range.end;
  }
  if (covered !== data.length) return refuse(`The tensors cover ${covered} of ${data.length} bytes of data`);
  return { tensors, metadata };
}

function parseEntry(
  name: string,
  value: unknown,
  refuse: (rule: string) => never,
): { dtype: SafetensorsDtype; shape: readonly number[]; begin: number; end: number } {
  if (!isRecord(value)) return refuse(`Tensor "${name}" must be described by a JSON object`);
  const { data_offsets: offsets, dtype, shape } = value;
  if (typeof dtype !== "string" || !isDtype(dtype))
    return refuse(`Tensor "${name}" has the unknown type ${describe(dtype)}`);
  if (!isCounts(shape) || shape.length > maxRank) {
    return refuse(`Tensor "${name}" needs a shape of non-negative integers, got ${describe(shape)}`);
  }
  if (!isCounts(offsets) || offsets.length !== 2) {
    return refuse(`Tensor "${name}" needs two offsets, got ${describe(offsets)}`);
  }
  const [begin, end] = offsets as [number, number];
  const byteCount = shape.reduce((product, side) => product * side, safetensorsDtypes[dtype]);
  if (!Number.isSafeInteger(byteCount) || end - begin !== byteCount) {
    return refuse(
      `Tensor "${name}" of shape [${shape.join(", ")}] needs ${byteCount} bytes, got ${end - begin}`,
    );
  }
  return { dtype, shape, begin, end };
}

/**
 * The tensor's numbers as float32, in file order.
 *
 * @throws {DomainError} "weights-invalid" if the type is not a floating-point one or a value is NaN or ±∞
 */
export function floatValues(entry: SafetensorsEntry, name: string): Float32Array<ArrayBuffer> {
  const view = new DataView(entry.bytes.buffer, entry.bytes.byteOffset, entry.bytes.byteLength);
  const stride = safetensorsDtypes[entry.dtype];
  const read = floatReader(entry.dtype, view, name);
  const values = new Float32Array(entry.bytes.byteLength / stride);
  for (let index = 0; index < values.length; index++) {
    const value = read(index * stride);
    if (!Number.isFinite(value)) {
      throw new DomainError(
        "weights-invalid",
        `Weights must be finite, but "${name}" holds ${value} at index ${index}.`,
      );
    }
    values[index] = value;
  }
  return values;
}

function floatReader(dtype: SafetensorsDtype, view: DataView, name: string): (offset: number) => number {
  switch (dtype) {
    case "F32":
      return (offset) => view.getFloat32(offset, true);
    case "F64":
      return (offset) => Math.fround(view.getFloat64(offset, true));
    case "F16":
      return (offset) => halfToNumber(view.getUint16(offset, true));
    case "BF16": {
      const bits = new DataView(new ArrayBuffer(4));
      return (offset) => {
        bits.setUint32(0, view.getUint16(offset, true) << 16);
        return bits.getFloat32(0);
      };
    }
    case "I64":
    case "I32":
    case "I16":
    case "I8":
    case "U8":
    case "BOOL":
      throw new DomainError(
        "weights-invalid",
        `Weights must be floating-point numbers, but "${name}" has type ${dtype}.`,
      );
  }
}

/** IEEE 754 binary16. */
function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const isDtype = (value: string): value is SafetensorsDtype => Object.hasOwn(safetensorsDtypes, value);

const isCounts = (value: unknown): value is readonly number[] =>
  Array.isArray(value) && value.every((item) => Number.isSafeInteger(item) && (item as number) >= 0);

const clip = (text: string): string => (text.length > 100 ? `${text.slice(0, 100)}…` : text);
const describe = (value: unknown): string => clip(JSON.stringify(value) ?? "nothing");
