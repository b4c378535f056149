import { describe, expect, test } from "vitest";
import { cleanPixelData } from "./clean-pixel-data.ts";
import { type DataElement, pixelDataTag, valueBytes } from "./data-element.ts";

const native = "1.2.840.10008.1.2.1";
const jpeg = "1.2.840.10008.1.2.4.50";

interface Layout {
  readonly rows: number;
  readonly columns: number;
  readonly bitsAllocated: number;
  readonly bitsStored: number;
  readonly isSigned?: boolean;
}

function clean(content: readonly number[], layout: Layout, transferSyntaxUid = native) {
  const isBigEndian = transferSyntaxUid === "1.2.840.10008.1.2.2";
  const short = (tag: string, value: number): DataElement => {
    const bytes = new Uint8Array(2);
    new DataView(bytes.buffer).setUint16(0, value, !isBigEndian);
    return { tag, vr: "US", value: { kind: "bytes", bytes } };
  };
  const { bitsAllocated, bitsStored, columns, isSigned = false, rows } = layout;
  const element: DataElement = {
    tag: pixelDataTag,
    vr: "OW",
    value: { kind: "bytes", bytes: Uint8Array.from(content) },
  };
  const cleaned = cleanPixelData(element, {
    elements: [
      short("00280010", rows),
      short("00280011", columns),
      short("00280100", bitsAllocated),
      short("00280101", bitsStored),
      short("00280102", bitsStored - 1),
      short("00280103", isSigned ? 1 : 0),
    ],
    transferSyntaxUid,
    isBigEndian,
    fileName: "file",
  });
  return { bytes: [...valueBytes(cleaned.element)], removed: cleaned.removed };
}

describe("uncompressed pixels", () => {
  const byByte = { rows: 1, columns: 3, bitsAllocated: 8, bitsStored: 8 };
  const byWord = { rows: 1, columns: 2, bitsAllocated: 16, bitsStored: 12 };

  test("stay as they are where there is nothing else", () => {
    expect(clean([1, 2, 3, 0], byByte)).toEqual({ bytes: [1, 2, 3, 0], removed: [] });
    expect(clean([0xff, 0x0f, 1, 0], byWord)).toEqual({ bytes: [0xff, 0x0f, 1, 0], removed: [] });
  });

  test("lose what follows the last one, the byte that makes their length even included", () => {
    expect(clean([1, 2, 3, 0x4d, 0x4d, 0x4d], byByte)).toEqual({
      bytes: [1, 2, 3, 0],
      removed: ["bytes after the last pixel", "padding byte"],
    });
    expect(clean([1, 2, 3, 0x4d], byByte)).toEqual({ bytes: [1, 2, 3, 0], removed: ["padding byte"] });
  });

  test("lose the bits beside those that are stored, in either order of bytes, but no sign", () => {
    const removed = ["overlay bits beside the stored bits"];
    expect(clean([0xff, 0x1f, 1, 0xf0], byWord)).toEqual({ bytes: [0xff, 0x0f, 1, 0], removed });
    const big = "1.2.840.10008.1.2.2";
    expect(clean([0x1f, 0xff, 0xf0, 1], byWord, big)).toEqual({ bytes: [0x0f, 0xff, 0, 1], removed });
    const signed = { ...byWord, isSigned: true };
    // −1 with its sign extended, as it should be, and with a bit of it missing.
    expect(clean([0xff, 0xff, 1, 0], signed)).toEqual({ bytes: [0xff, 0xff, 1, 0], removed: [] });
    expect(clean([0xff, 0xef, 1, 0], signed)).toEqual({ bytes: [0xff, 0xff, 1, 0], removed });
  });

  test("must say how they are stored, and be what their transfer syntax says", () => {
    const nothing: DataElement = {
      tag: pixelDataTag,
      vr: "OW",
      value: { kind: "bytes", bytes: new Uint8Array(2) },
    };
    const options = { elements: [], isBigEndian: false, fileName: "file" };
    for (const transferSyntaxUid of [native, jpeg]) {
      expect(() => cleanPixelData(nothing, { ...options, transferSyntaxUid })).toThrow(
        expect.objectContaining({ code: "image-unreadable" }),
      );
    }
    expect(() => cleanPixelData(nothing, { ...options, transferSyntaxUid: "1.2.3" })).toThrow(
      expect.objectContaining({ code: "transfer-syntax-unsupported" }),
    );
  });
});
