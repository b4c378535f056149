/** Regions of an image overwritten with its own darkest value; compressed pixels are decoded and stored uncompressed. */
import { DomainError } from "@crossread/contracts/errors";
import { type CodecOptions, decodePixelData, type StoredValues } from "../pixel-data.ts";
import { readInstance } from "../read-instance.ts";
import { type AllowList, allowListOf } from "./allow-list.ts";
import { asciiElement, type DataElement, pixelDataTag } from "./data-element.ts";
import type { PixelRegion } from "./deidentified-file.ts";

const explicitVrLittleEndian = "1.2.840.10008.1.2.1";

export interface MaskOptions {
  readonly regions: readonly PixelRegion[];
  /** What the file was written from, with VRs also where its transfer syntax has none. */
  readonly elements: readonly DataElement[];
  readonly isBigEndian: boolean;
  readonly fileName: string;
  readonly codecs?: CodecOptions | undefined;
}

export interface MaskedDataSet {
  readonly transferSyntaxUid: string;
  readonly elements: readonly DataElement[];
}

/**
 * A de-identified file's elements with black where the regions are, for Explicit VR Little Endian, that say that nothing
 * is burned in any more.
 *
 * @throws {DomainError} "burned-in-text" where the pixels cannot be decoded, so that nothing can be masked for certain
 */
export async function maskRegions(bytes: Uint8Array, options: MaskOptions): Promise<MaskedDataSet> {
  const { fileName, isBigEndian, regions } = options;
  const instance = readInstance(bytes, fileName);
  const allowList = allowListOf(instance.sopClassUid) ?? new Map();
  const values = await decodePixelData(instance, options.codecs).catch((error: unknown) => {
    throw new DomainError(
      "burned-in-text",
      `The pixels of ${fileName} cannot be decoded, so they cannot be masked.`,
      {
        cause: error,
      },
    );
  });
  const { bitsAllocated, bitsStored, columns, highBit, photometricInterpretation, rows } = instance.pixel;
  const darkest = darkestOf(values, photometricInterpretation);
  for (const { heightPx, widthPx, xPx, yPx } of regions) {
    const left = Math.max(0, xPx);
    const right = Math.min(columns, xPx + widthPx);
    for (let row = Math.max(0, yPx); row < Math.min(rows, yPx + heightPx); row++) {
      if (right > left) values.fill(darkest, row * columns + left, row * columns + right);
    }
  }
  const shift = highBit + 1 - bitsStored;
  const mask = 2 ** bitsAllocated - 1;
  const pixels = new Uint8Array(values.length * (bitsAllocated / 8));
  const view = new DataView(pixels.buffer);
  for (let index = 0; index < values.length; index++) {
    const word = (values[index]! << shift) & mask;
    if (bitsAllocated === 8) pixels[index] = word;
    else view.setUint16(index * 2, word, true);
  }
  const elements = options.elements
    .filter(({ tag }) => tag !== pixelDataTag && tag !== "00280301")
    .map((element) => (isBigEndian ? toLittleEndian(element, allowList) : element));
  return {
    transferSyntaxUid: explicitVrLittleEndian,
    elements: [
      ...elements,
      asciiElement("00280301", "CS", "NO"),
      {
        tag: pixelDataTag,
        vr: bitsAllocated === 8 ? "OB" : "OW",
        value: { kind: "bytes", bytes: pixels },
      } as const,
    ].sort((first, second) => (first.tag < second.tag ? -1 : 1)),
  };
}

/** A de-identified file holds known attributes only, so that their word sizes are known too. */
function toLittleEndian(element: DataElement, allowList: AllowList): DataElement {
  const { tag, value, vr } = element;
  if (value.kind === "items") {
    const items = value.items.map((item) => item.map((inner) => toLittleEndian(inner, allowList)));
    return { tag, vr, value: { kind: "items", items } };
  }
  const kind = allowList.get(tag)?.rule.kind;
  const isOfWords = (kind === "binary" || kind === "lut") && vr !== "OB";
  if (!isOfWords || value.kind !== "bytes") return element;
  return { tag, vr, value: { kind: "bytes", bytes: swapped(value.bytes) } };
}

/** Every word of the allow-lists has two bytes. */
function swapped(bytes: Uint8Array): Uint8Array {
  return bytes.map((_byte, index) => bytes[index ^ 1] ?? 0);
}

/** What is darkest when shown. */
function darkestOf(values: StoredValues, photometricInterpretation: string): number {
  const isInverted = photometricInterpretation === "MONOCHROME1";
  let darkest = values[0] ?? 0;
  for (const value of values) {
    if (isInverted ? value > darkest : value < darkest) darkest = value;
  }
  return darkest;
}
