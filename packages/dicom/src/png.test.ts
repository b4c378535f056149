import { isDomainError } from "@crossread/contracts/errors";
import sharp from "sharp";
import { describe, expect, it } from "vitest";
import type { GrayImage } from "./gray-image.ts";
import { decodePng, encodeGrayPng, encodeOpaquePng } from "./png.ts";

function gradient(widthPx: number, heightPx: number, maxValue: number): GrayImage {
  const count = widthPx * heightPx;
  const values = Float32Array.from(
    { length: count },
    (_, index) => ((index * 7919) % (maxValue + 1)) / maxValue,
  );
  return { widthPx, heightPx, values };
}

async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    return isDomainError(error) ? error.code : `not a DomainError: ${String(error)}`;
  }
  return "accepted";
}

const rgb = (values: number[]) =>
  sharp(Uint8Array.from(values), { raw: { width: values.length / 3, height: 1, channels: 3 } })
    .png()
    .toBuffer();

describe("decodePng", () => {
  it("gives back what encodeGrayPng wrote in both depths, every level", async () => {
    const eight = gradient(256, 3, 255);
    const sixteen = gradient(256, 256, 65535);
    expect(await decodePng(await encodeGrayPng(eight, 8), "a.png")).toEqual(eight);
    expect(await decodePng(await encodeGrayPng(sixteen, 16), "a.png")).toEqual(sixteen);
  });

  it("takes RGB whose channels agree as gray", async () => {
    const image = await decodePng(await rgb([0, 0, 0, 51, 51, 51, 255, 255, 255]), "a.png");
    expect(image).toEqual({ widthPx: 3, heightPx: 1, values: Float32Array.from([0, 0.2, 1]) });
  });

  it("refuses a colour image", async () => {
    expect(await codeOf(decodePng(await rgb([0, 0, 0, 51, 52, 51]), "a.png"))).toBe("image-kind-refused");
  });

  it("refuses transparency", async () => {
    const values = Uint8Array.from([9, 9, 9, 255, 9, 9, 9, 254]);
    const png = await sharp(values, { raw: { width: 1, height: 2, channels: 4 } })
      .png()
      .toBuffer();
    expect(await codeOf(decodePng(png, "a.png"))).toBe("image-kind-refused");
  });

  it("refuses every truncation as truncated", async () => {
    const bytes = await encodeGrayPng(gradient(64, 64, 255), 8);
    for (let part = 1; part < 50; part++) {
      const cut = bytes.subarray(0, Math.floor((bytes.length * part) / 50));
      expect(await codeOf(decodePng(cut, "a.png"))).toMatch(/^image-(truncated|unreadable)$/);
    }
    expect(await codeOf(decodePng(bytes.subarray(0, bytes.length - 1), "a.png"))).toBe("image-truncated");
  });

  it("refuses a declared size that would exhaust memory before decoding", async () => {
    const bytes = Uint8Array.from(await encodeGrayPng(gradient(4, 4, 255), 8));
    new DataView(bytes.buffer).setUint32(16, 1_000_000);
    new DataView(bytes.buffer).setUint32(20, 1_000_000);
    expect(await codeOf(decodePng(bytes, "a.png"))).toBe("image-unreadable");
  });

  it("refuses text with a PNG name", async () => {
    expect(await codeOf(decodePng(new TextEncoder().encode("hello"), "a.png"))).toBe("image-unreadable");
  });
});

describe("encodeOpaquePng", () => {
  it("keeps every colour and drops alpha", async () => {
    const values = Uint8Array.from([200, 100, 50, 255, 0, 255, 1, 255]);
    const png = await encodeOpaquePng({ widthPx: 2, heightPx: 1, values });
    expect(Uint8Array.from(await sharp(png).raw().toBuffer())).toEqual(
      Uint8Array.from([200, 100, 50, 0, 255, 1]),
    );
  });
});
