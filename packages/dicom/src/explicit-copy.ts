/// <reference path="./dcmjs.d.ts" />
/** DICOM file in any transfer syntax that is decoded here → the same data set in Explicit VR Little Endian. */
import type { ImagePixel } from "./mammogram-instance.ts";
import { readDataSet } from "./dicom-json.ts";
import { explicitVrLittleEndian } from "./part10-file.ts";
import { decodePixelData, type StoredValues } from "./pixel-data.ts";
import { readInstance } from "./read-instance.ts";

/** Bytes as they are where the file has that transfer syntax already. */
export async function toExplicitLittleEndian(bytes: Uint8Array, fileName: string): Promise<Uint8Array> {
  const instance = readInstance(bytes, fileName);
  if (instance.transferSyntaxUid === explicitVrLittleEndian) return bytes;
  const { pixel } = instance;
  const native = nativeFrame(pixel, await decodePixelData(instance));
  const file = readDataSet(bytes, { fileName, untilTag: "7FE00010" });
  file.meta["00020010"] = { vr: "UI", Value: [explicitVrLittleEndian] };
  const isByte = pixel.bitsAllocated === 8;
  // Decoding has moved the stored bits to the bottom of their word.
  file.dict["00280102"] = { vr: "US", Value: [pixel.bitsStored - 1] };
  file.dict["7FE00010"] = { vr: isByte ? "OB" : "OW", Value: [even(native).buffer] };
  return new Uint8Array(file.write({ allowInvalidVRLength: true }));
}

/** Pixels of the one frame as (7FE0,0010) holds them in Explicit VR Little Endian (PS3.5 8.1.1). */
export async function toNativeFrame(bytes: Uint8Array, fileName: string): Promise<Uint8Array> {
  const instance = readInstance(bytes, fileName);
  return nativeFrame(instance.pixel, await decodePixelData(instance));
}

function nativeFrame(pixel: ImagePixel, values: StoredValues): Uint8Array<ArrayBuffer> {
  if (pixel.bitsAllocated === 8) return Uint8Array.from(values, (value) => value & 0xff);
  const native = new Uint8Array(values.length * 2);
  const view = new DataView(native.buffer);
  for (let index = 0; index < values.length; index++)
    view.setUint16(index * 2, values[index]! & 0xffff, true);
  return native;
}

/** PS3.5 7.1.1: a value has an even length. */
function even(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  if (bytes.length % 2 === 0) return bytes;
  const padded = new Uint8Array(bytes.length + 1);
  padded.set(bytes);
  return padded;
}
