/** Pixel Data without anything that is no pixel; the pixels themselves keep their bytes. */
import { DomainError } from "@crossread/contracts/errors";
import { zeroCodestreamComments } from "./clean-codestream.ts";
import { unionOfBytes } from "../byte-union.ts";
import { zeroRleSlack } from "./clean-rle.ts";
import { type DataElement, firstAscii, firstUnsignedShort, type Fragments } from "./data-element.ts";

const jpegFamily = /^1\.2\.840\.10008\.1\.2\.4\.(?:5[0-9]|6[0-6]|70|80|81|9[0-3]|20[123])$/;
const rle = "1.2.840.10008.1.2.5";
const nativeSyntaxes = new Set([
  "1.2.840.10008.1.2",
  "1.2.840.10008.1.2.1",
  "1.2.840.10008.1.2.1.99",
  "1.2.840.10008.1.2.2",
]);

export interface CleanPixelOptions {
  readonly elements: readonly DataElement[];
  readonly transferSyntaxUid: string;
  readonly isBigEndian: boolean;
  readonly fileName: string;
}

export interface CleanedPixels {
  readonly element: DataElement;
  /** What was taken out, in words; empty where every byte is as it was. */
  readonly removed: readonly string[];
}

export function cleanPixelData(element: DataElement, options: CleanPixelOptions): CleanedPixels {
  const { fileName, transferSyntaxUid } = options;
  const { value } = element;
  if (value.kind === "bytes" && nativeSyntaxes.has(transferSyntaxUid)) {
    return cleanNative(element, value.bytes, options);
  }
  if (value.kind === "fragments" && (jpegFamily.test(transferSyntaxUid) || transferSyntaxUid === rle)) {
    try {
      return cleanFragments(element, value.fragments, options);
    } catch (error) {
      throw new DomainError(
        "image-unreadable",
        `The compressed frames of ${fileName} cannot be searched for hidden text.`,
        { cause: error },
      );
    }
  }
  if (
    nativeSyntaxes.has(transferSyntaxUid) ||
    jpegFamily.test(transferSyntaxUid) ||
    transferSyntaxUid === rle
  ) {
    throw new DomainError(
      "image-unreadable",
      `The Pixel Data of ${fileName} does not match its transfer syntax ${transferSyntaxUid}.`,
    );
  }
  throw new DomainError(
    "transfer-syntax-unsupported",
    `${fileName} has the transfer syntax ${transferSyntaxUid || "(none)"}, whose frames cannot be searched for hidden text.`,
  );
}

interface Layout {
  readonly pixelCount: number;
  readonly byteCount: number;
  readonly bitsAllocated: number;
  readonly bitsStored: number;
  readonly highBit: number;
  readonly isSigned: boolean;
}

function readLayout({ elements, isBigEndian }: CleanPixelOptions): Layout | undefined {
  const short = (tag: string) => firstUnsignedShort(elements, tag, isBigEndian);
  const rows = short("00280010");
  const columns = short("00280011");
  const bitsAllocated = short("00280100");
  if (rows === undefined || columns === undefined || bitsAllocated === undefined) return undefined;
  const samples = short("00280002") ?? 1;
  const frames = Number(firstAscii(elements, "00280008") ?? 1) || 1;
  const subsampling = firstAscii(elements, "00280004")?.endsWith("_422") === true ? 2 / 3 : 1;
  const bitsStored = short("00280101") ?? bitsAllocated;
  return {
    pixelCount: rows * columns,
    byteCount: Math.ceil((rows * columns * samples * frames * bitsAllocated * subsampling) / 8),
    bitsAllocated,
    bitsStored,
    highBit: short("00280102") ?? bitsStored - 1,
    isSigned: short("00280103") === 1,
  };
}

function cleanNative(element: DataElement, bytes: Uint8Array, options: CleanPixelOptions): CleanedPixels {
  const layout = readLayout(options);
  if (layout === undefined) {
    throw new DomainError(
      "image-unreadable",
      `${options.fileName} does not state how its pixels are stored.`,
    );
  }
  const removed: string[] = [];
  const expected = layout.byteCount + (layout.byteCount % 2);
  let kept = bytes;
  if (bytes.length > expected) {
    kept = bytes.subarray(0, expected);
    removed.push("bytes after the last pixel");
  }
  if (layout.byteCount < kept.length && kept[layout.byteCount] !== 0) {
    kept = Uint8Array.from(kept);
    kept[layout.byteCount] = 0;
    removed.push("padding byte");
  }
  const masked = maskUnusedBits(kept, layout, options.isBigEndian);
  if (masked !== undefined) removed.push("overlay bits beside the stored bits");
  return { element: { ...element, value: { kind: "bytes", bytes: masked ?? kept } }, removed };
}

/** PS3.5 8.1.1: bits beside the stored ones once held overlays; undefined where they hold nothing. */
function maskUnusedBits(bytes: Uint8Array, layout: Layout, isBigEndian: boolean): Uint8Array | undefined {
  const { bitsAllocated, bitsStored, highBit, isSigned } = layout;
  const isByteOrWord = bitsAllocated === 8 || bitsAllocated === 16;
  if (!isByteOrWord || bitsStored >= bitsAllocated || highBit >= bitsAllocated || highBit < bitsStored - 1) {
    return undefined;
  }
  const wordBytes = bitsAllocated / 8;
  const mask = (2 ** bitsStored - 1) << (highBit + 1 - bitsStored);
  const signBit = isSigned ? 1 << highBit : 0;
  const above = (2 ** bitsAllocated - 1) & ~(2 ** (highBit + 1) - 1);
  if (!hasBits(bytes, ~mask & (2 ** bitsAllocated - 1), { wordBytes, isBigEndian })) return undefined;
  const low = isBigEndian ? wordBytes - 1 : 0;
  const high = isBigEndian ? 0 : wordBytes - 1;
  let masked: Uint8Array | undefined;
  for (let offset = 0; offset + wordBytes <= bytes.length; offset += wordBytes) {
    const word = wordBytes === 1 ? bytes[offset]! : bytes[offset + low]! | (bytes[offset + high]! << 8);
    const clean = (word & mask) | ((word & signBit) === 0 ? 0 : above);
    // A sign that was not extended into the unused bits is left alone: nothing is hidden there.
    if (clean === word || (word & ~mask) === 0) continue;
    masked ??= Uint8Array.from(bytes);
    masked[offset + low] = clean & 0xff;
    if (wordBytes === 2) masked[offset + high] = clean >> 8;
  }
  return masked;
}

/** Whether any word has one of these bits; most images have none. */
function hasBits(
  bytes: Uint8Array,
  wanted: number,
  words: { readonly wordBytes: number; readonly isBigEndian: boolean },
): boolean {
  const [even, odd] = unionOfBytes(bytes);
  if (words.wordBytes === 1) return ((even | odd) & wanted) !== 0;
  const [first, second] = words.isBigEndian ? [wanted >> 8, wanted & 0xff] : [wanted & 0xff, wanted >> 8];
  return (even & first) !== 0 || (odd & second) !== 0;
}

function cleanFragments(
  element: DataElement,
  { offsetTable, parts }: Fragments,
  options: CleanPixelOptions,
): CleanedPixels {
  const copy = new Uint8Array(parts.reduce((total, part) => total + part.length, 0));
  let offset = 0;
  const copies = parts.map((part) => {
    copy.set(part, offset);
    offset += part.length;
    return copy.subarray(offset - part.length, offset);
  });
  let zeroedCount = 0;
  if (options.transferSyntaxUid === rle) {
    const pixelCount = readLayout(options)?.pixelCount ?? 0;
    for (const frame of copies) zeroedCount += zeroRleSlack(frame, pixelCount);
  } else {
    zeroedCount = zeroCodestreamComments(copy);
  }
  const table = cleanOffsetTable(offsetTable, parts);
  const removed = [
    ...(zeroedCount === 0 ? [] : ["comments and slack of compressed frames"]),
    ...(table.length === offsetTable.length ? [] : ["offset table that names no fragment"]),
  ];
  return {
    element: { ...element, value: { kind: "fragments", fragments: { offsetTable: table, parts: copies } } },
    removed,
  };
}

/** Every offset must be where a fragment begins (PS3.5 A.4); a table that says otherwise is left empty. */
function cleanOffsetTable(table: Uint8Array, parts: readonly Uint8Array[]): Uint8Array {
  const starts = new Set<number>();
  let offset = 0;
  for (const part of parts) {
    starts.add(offset);
    offset += 8 + part.length;
  }
  const view = new DataView(table.buffer, table.byteOffset, table.length);
  const isSound =
    table.length % 4 === 0 &&
    Array.from({ length: table.length / 4 }, (_, index) => view.getUint32(index * 4, true)).every((value) =>
      starts.has(value),
    );
  return isSound ? table : new Uint8Array(0);
}
