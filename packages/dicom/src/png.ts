/** PNG through sharp (libvips): Node only. Samples are taken as stored; gAMA, sRGB and ICC chunks are ignored. */
import { DomainError } from "@crossread/contracts/errors";
import sharp from "sharp";
import {
  type AllocateValues,
  type GrayImage,
  allocateValues,
  assertGrayImage,
  assertImageSize,
  maxPixelCount,
  toIntegers,
} from "./gray-image.ts";

const signature = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

export interface RgbaImage {
  readonly widthPx: number;
  readonly heightPx: number;
  /** R, G, B, A per pixel, row-major, not premultiplied. */
  readonly values: Uint8Array;
}

export function isPng(bytes: Uint8Array): boolean {
  return signature.every((byte, index) => bytes[index] === byte);
}

/** 8- and 16-bit gray, or RGB whose three channels agree in every pixel; an alpha channel must be opaque. */
export async function decodePng(
  bytes: Uint8Array,
  fileName: string,
  allocate: AllocateValues = allocateValues,
): Promise<GrayImage> {
  if (!isPng(bytes)) {
    throw new DomainError(
      "image-unreadable",
      `A PNG file starts with the PNG signature, but ${fileName} does not.`,
    );
  }
  assertComplete(bytes, fileName);
  const header = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  assertImageSize(header.getUint32(16), header.getUint32(20), fileName);
  try {
    return toGray(await readSamples(bytes), fileName, allocate);
  } catch (error) {
    if (error instanceof DomainError) throw error;
    throw new DomainError("image-unreadable", `${fileName} is a PNG file whose pixels cannot be decoded.`, {
      cause: error,
    });
  }
}

export async function encodeGrayPng(image: GrayImage, bitDepth: 8 | 16): Promise<Uint8Array> {
  assertGrayImage(image, "the image to encode");
  const samples = toIntegers(image, bitDepth === 16 ? 65535 : 255);
  const raw = { width: image.widthPx, height: image.heightPx, channels: 1 } as const;
  return sharp(bitDepth === 16 ? samples : new Uint8Array(samples), { raw })
    .toColourspace(bitDepth === 16 ? "grey16" : "b-w")
    .png()
    .toBuffer();
}

/**
 * An opaque image as RGB; alpha is dropped. Lightly compressed: four times as fast as zlib's default level, for a third
 * more bytes.
 */
export async function encodeOpaquePng(image: RgbaImage): Promise<Uint8Array> {
  assertImageSize(image.widthPx, image.heightPx, "the image to encode");
  return sharp(image.values, { raw: { width: image.widthPx, height: image.heightPx, channels: 4 } })
    .removeAlpha()
    .png({ compressionLevel: 1 })
    .toBuffer();
}

interface Samples {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly channelCount: number;
  readonly hasAlpha: boolean;
  readonly maxValue: number;
  readonly samples: Uint8Array | Uint16Array;
}

async function readSamples(bytes: Uint8Array): Promise<Samples> {
  const options = { failOn: "warning", limitInputPixels: maxPixelCount } as const;
  const is16Bit = (await sharp(bytes, options).metadata()).depth === "ushort";
  const { data, info } = await sharp(bytes, options)
    .toColourspace(is16Bit ? "rgb16" : "srgb")
    .raw({ depth: is16Bit ? "ushort" : "uchar" })
    .toBuffer({ resolveWithObject: true });
  return {
    widthPx: info.width,
    heightPx: info.height,
    channelCount: info.channels,
    hasAlpha: info.channels === 2 || info.channels === 4,
    maxValue: is16Bit ? 65535 : 255,
    // libvips writes 16-bit samples in the machine's order, so a typed view is right; slice() aligns it.
    samples: is16Bit ? new Uint16Array(Uint8Array.from(data).buffer) : data,
  };
}

function toGray(image: Samples, fileName: string, allocate: AllocateValues): GrayImage {
  const { widthPx, heightPx, channelCount, samples, maxValue } = image;
  const colourCount = image.hasAlpha ? channelCount - 1 : channelCount;
  const values = allocate(widthPx * heightPx);
  for (let index = 0; index < values.length; index++) {
    const at = index * channelCount;
    const sample = samples[at]!;
    for (let channel = 1; channel < colourCount; channel++) {
      if (samples[at + channel] !== sample) {
        throw new DomainError(
          "image-kind-refused",
          `A mammogram is a gray image, but ${fileName} is in colour.`,
        );
      }
    }
    if (image.hasAlpha && samples[at + colourCount] !== maxValue) {
      throw new DomainError(
        "image-kind-refused",
        `A mammogram is opaque, but ${fileName} has transparent pixels.`,
      );
    }
    values[index] = sample / maxValue;
  }
  return { widthPx, heightPx, values };
}

/** libvips pads some truncated files silently, so the chunk list is walked to IEND first. */
function assertComplete(bytes: Uint8Array, fileName: string): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let offset = signature.length;
  for (;;) {
    const isWhole = offset + 12 <= bytes.length && offset + 12 + view.getUint32(offset) <= bytes.length;
    if (!isWhole) {
      throw new DomainError(
        "image-truncated",
        `${fileName} is a PNG file that ends inside a chunk at byte ${offset}.`,
      );
    }
    const isHeader = offset === signature.length;
    const type = view.getUint32(offset + 4);
    if (isHeader && (type !== 0x49484452 || view.getUint32(offset) !== 13)) {
      throw new DomainError(
        "image-unreadable",
        `The first chunk of a PNG file is IHDR, but ${fileName} has another.`,
      );
    }
    if (type === 0x49454e44) return;
    offset += 12 + view.getUint32(offset);
  }
}
