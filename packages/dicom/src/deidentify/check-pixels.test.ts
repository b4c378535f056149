import { describe, expect, test } from "vitest";
import { writeMammogram } from "../write-mammogram.ts";
import { checkMeans, checkPixels } from "./check-pixels.ts";

const letters = ["#####", "#....", "#....", "####.", "#....", "#....", "#####"];
const scale = 3;
const place = { xPx: 60, yPx: 40 };
const frame = { widthPx: 240, heightPx: 120 };

/** A row of five E in one brightness on another. */
function imageWith(text: number, background: number) {
  const values = new Float32Array(frame.widthPx * frame.heightPx).fill(background);
  for (let letter = 0; letter < 5; letter++) {
    for (let y = 0; y < 7 * scale; y++) {
      for (let x = 0; x < 5 * scale; x++) {
        if (letters[Math.floor(y / scale)]?.[Math.floor(x / scale)] !== "#") continue;
        const column = place.xPx + letter * 7 * scale + x;
        values[(place.yPx + y) * frame.widthPx + column] = text;
      }
    }
  }
  return { ...frame, values };
}

describe("a line of text", () => {
  test.each([
    ["bright on dark", 0.9, 0.1],
    ["dark on bright", 0.1, 0.9],
  ])("is suspected %s, where it is", (_name, text, background) => {
    const { regions, status } = checkMeans({ means: imageWith(text, background), factor: 1, frame });
    expect(status).toBe("suspected-text");
    expect(regions).toHaveLength(1);
    const [{ heightPx, widthPx, xPx, yPx } = { heightPx: 0, widthPx: 0, xPx: 0, yPx: 0 }] = regions;
    expect([xPx < place.xPx, yPx < place.yPx]).toEqual([true, true]);
    expect(xPx + widthPx).toBeGreaterThan(place.xPx + 33 * scale);
    expect(yPx + heightPx).toBeGreaterThan(place.yPx + 7 * scale);
    expect(widthPx * heightPx).toBeLessThan(3 * 33 * scale * 7 * scale);
  });

  test("of an image that was made smaller is told in the pixels of the whole, and not beyond them", () => {
    const means = imageWith(0.9, 0.1);
    const [small] = checkMeans({ means, factor: 1, frame }).regions;
    const whole = { widthPx: 4 * frame.widthPx, heightPx: 4 * frame.heightPx };
    expect(checkMeans({ means, factor: 4, frame: whole }).regions).toEqual([
      {
        xPx: 4 * (small?.xPx ?? 0),
        yPx: 4 * (small?.yPx ?? 0),
        widthPx: 4 * (small?.widthPx ?? 0),
        heightPx: 4 * (small?.heightPx ?? 0),
      },
    ]);
    const [cut] = checkMeans({ means, factor: 4, frame: { widthPx: 300, heightPx: 200 } }).regions;
    expect([(cut?.xPx ?? 0) + (cut?.widthPx ?? 0), (cut?.yPx ?? 0) + (cut?.heightPx ?? 0)]).toEqual([
      300, 200,
    ]);
  });

  test("is not seen in an image of one brightness", () => {
    expect(checkMeans({ means: imageWith(0.5, 0.5), factor: 1, frame })).toEqual({
      status: "clean",
      regions: [],
    });
  });
});

test("pixels that cannot be decoded are unchecked, and refused where something is said to be burned in", async () => {
  const header = {
    subjectId: "4711",
    studyInstanceUid: "1.2.3",
    seriesInstanceUid: "1.2.3.1",
    sopInstanceUid: "1.2.3.1.1",
    studyDate: "20240307",
    laterality: "L",
    view: "MLO",
    widthPx: 8,
    heightPx: 12,
    bitsStored: 12,
    photometricInterpretation: "MONOCHROME2",
    windows: [{ center: 2048, width: 4096 }],
    imagerPixelSpacingMm: [0.07, 0.07],
    manufacturer: "m",
    manufacturerModelName: "n",
    softwareVersions: "1",
  } as const;
  const whole = writeMammogram(header, new Uint16Array(96));
  const check = { fileName: "file", codecs: undefined };
  expect(await checkPixels(whole, { ...check, saysBurnedIn: false })).toEqual({
    status: "clean",
    regions: [],
  });
  expect((await checkPixels(whole, { ...check, saysBurnedIn: true })).status).toBe("suspected-text");
  const cut = whole.subarray(0, whole.length - 40);
  expect(await checkPixels(cut, { ...check, saysBurnedIn: false })).toEqual({
    status: "unchecked",
    regions: [],
  });
  await expect(checkPixels(cut, { ...check, saysBurnedIn: true })).rejects.toMatchObject({
    code: "burned-in-text",
  });
});
