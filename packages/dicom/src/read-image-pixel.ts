/** Image Pixel module (PS3.3 C.7.6.3), checked before anything is decoded. */
import { DomainError } from "@crossread/contracts/errors";
import type { DataSet, Element } from "dicom-parser";
import {
  decimals,
  type DicomDataSet,
  elementBytes,
  firstDecimal,
  firstString,
  unsignedShorts,
} from "./dicom-data-set.ts";
import { assertImageSize } from "./gray-image.ts";
import type { EncodedPixels, ImagePixel } from "./mammogram-instance.ts";

const maxFrameCount = 10_000;

export function readImagePixel(dataSet: DicomDataSet, fileName: string): ImagePixel {
  const { root } = dataSet;
  const element = root.elements["x7fe00010"];
  if (element === undefined || element.length === 0) {
    throw new DomainError(
      "image-kind-refused",
      `${fileName} is a DICOM object without Pixel Data, so it is no image.`,
    );
  }
  const rows = required(root, "x00280010", fileName);
  const columns = required(root, "x00280011", fileName);
  assertImageSize(columns, rows, fileName);
  const [frameCount = 1] = decimals(root, "x00280008");
  if (!Number.isInteger(frameCount) || frameCount < 1 || frameCount > maxFrameCount) {
    throw new DomainError(
      "image-unreadable",
      `Number of Frames must be an integer in 1…${maxFrameCount}, but ${fileName} declares ${frameCount}.`,
    );
  }
  const bitsAllocated = required(root, "x00280100", fileName);
  const bitsStored = unsignedShorts(root, "x00280101")[0] ?? bitsAllocated;
  const highBit = unsignedShorts(root, "x00280102")[0] ?? bitsStored - 1;
  if (bitsStored < 1 || bitsStored > bitsAllocated || highBit < bitsStored - 1 || highBit >= bitsAllocated) {
    throw new DomainError(
      "image-unreadable",
      `Bits Stored must fit into Bits Allocated, but ${fileName} declares ${bitsStored} of ${bitsAllocated} with high bit ${highBit}.`,
    );
  }
  const isSigned = unsignedShorts(root, "x00280103")[0] === 1;
  const padding = readPadding(root, isSigned);
  return {
    rows,
    columns,
    frameCount,
    samplesPerPixel: unsignedShorts(root, "x00280002")[0] ?? 1,
    photometricInterpretation: firstString(root, "x00280004")?.toUpperCase() ?? "",
    bitsAllocated,
    bitsStored,
    highBit,
    isSigned,
    ...(padding === undefined ? {} : { padding }),
    encoded: readEncodedPixels(dataSet, element, fileName),
  };
}

function required(root: DataSet, tag: string, fileName: string): number {
  const value = unsignedShorts(root, tag)[0];
  if (value === undefined) {
    throw new DomainError(
      "image-unreadable",
      `An image must state (${tag.slice(1, 5)},${tag.slice(5).toUpperCase()}), but ${fileName} does not.`,
    );
  }
  return value;
}

/** Pixel Padding Value (0028,0120) alone, or the range to Pixel Padding Range Limit (0028,0121). */
function readPadding(root: DataSet, isSigned: boolean): { first: number; last: number } | undefined {
  const toSigned = (value: number) => (isSigned && value > 0x7fff ? value - 0x10000 : value);
  const value = unsignedShorts(root, "x00280120")[0];
  if (value === undefined) return undefined;
  const limit = unsignedShorts(root, "x00280121")[0] ?? value;
  const ends = [toSigned(value), toSigned(limit)];
  return { first: Math.min(...ends), last: Math.max(...ends) };
}

function readEncodedPixels(dataSet: DicomDataSet, element: Element, fileName: string): EncodedPixels {
  const { root, isBigEndian } = dataSet;
  if (element.encapsulatedPixelData !== true) {
    const bytes = elementBytes(root, element);
    if (bytes.length < element.length) throw truncated(fileName);
    return { kind: "native", bytes, isBigEndian: isBigEndian && element.vr !== "OB" };
  }
  return { kind: "encapsulated", bytes: firstFrame(root, element, fileName) };
}

/** PS3.5 A.4: a frame may be split into fragments; of several frames only the first is taken. */
function firstFrame(root: DataSet, element: Element, fileName: string): Uint8Array {
  const fragments = element.fragments ?? [];
  const secondOffset = element.basicOffsetTable?.[1] ?? Number.POSITIVE_INFINITY;
  const frameCount = firstDecimal(root, "x00280008") ?? 1;
  const own =
    frameCount === 1
      ? fragments // whatever its offset table says
      : secondOffset === Number.POSITIVE_INFINITY
        ? fragments.slice(0, Math.max(1, Math.floor(fragments.length / frameCount)))
        : fragments.filter(({ offset }) => offset < secondOffset);
  if (own.length === 0) {
    throw new DomainError("image-truncated", `${fileName} has encapsulated Pixel Data without a fragment.`);
  }
  const parts = own.map(({ position, length }) => {
    const part = root.byteArray.subarray(position, position + length);
    if (part.length < length) throw truncated(fileName);
    return part;
  });
  const [only] = parts;
  if (only !== undefined && parts.length === 1) return only;
  const joined = new Uint8Array(parts.reduce((total, part) => total + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
}

function truncated(fileName: string): DomainError {
  return new DomainError("image-truncated", `${fileName} ends inside its Pixel Data.`);
}
