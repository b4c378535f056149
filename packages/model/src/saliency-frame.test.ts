import { createRandom } from "@crossread/metrics/random";
import { describe, expect, it } from "vitest";
import { fitTransform, toInputFrame } from "./preprocess.ts";
import { mapRows, scaleToUnit, storedMapSize, upsampleMap } from "./saliency-frame.ts";

/** Map whose value at a cell is the x of its centre on the input frame. */
const rampMap = (side: number, inputSizePx: number) => ({
  widthPx: side,
  heightPx: side,
  values: Float32Array.from(
    { length: side * side },
    (_, index) => (((index % side) + 0.5) * inputSizePx) / side,
  ),
});

describe("upsampleMap", () => {
  it("shows at each pixel of the image the value of its place on the input frame", () => {
    const chain = fitTransform(300, 500, 96);
    const upsampled = upsampleMap(rampMap(12, 96), chain);
    expect([upsampled.widthPx, upsampled.heightPx]).toEqual([300, 500]);
    for (const [x, y] of [
      [0, 0],
      [150, 250],
      [299, 499],
      [17, 481],
    ] as const) {
      const expected = toInputFrame(chain, { x: x + 0.5, y: y + 0.5 }).x;
      expect(upsampled.values[y * 300 + x]).toBeCloseTo(expected, 4);
    }
  });

  it("puts a single hot cell on the lesion that made it", () => {
    const chain = fitTransform(640, 400, 64);
    const map = { widthPx: 8, heightPx: 8, values: new Float32Array(64) };
    const lesion = { x: 500, y: 100 };
    const cell = toInputFrame(chain, lesion);
    map.values[Math.floor(cell.y / 8) * 8 + Math.floor(cell.x / 8)] = 1;
    const { values } = upsampleMap(map, chain);
    const peak = values.indexOf(values.reduce((a, b) => Math.max(a, b)));
    const cellSizePx = 80; // 640 px over 8 cells
    expect(Math.abs((peak % 640) - lesion.x)).toBeLessThan(cellSizePx);
    expect(Math.abs(Math.floor(peak / 640) - lesion.y)).toBeLessThan(cellSizePx);
  });

  it("covers the same area on a coarser grid", () => {
    const chain = fitTransform(300, 500, 96);
    const coarse = upsampleMap(rampMap(12, 96), chain, { widthPx: 30, heightPx: 50 });
    expect(coarse.values[25 * 30 + 15]).toBeCloseTo(toInputFrame(chain, { x: 155, y: 255 }).x, 4);
  });
});

it("tells the largest value of any pixel without reading them all", () => {
  const random = createRandom(3);
  for (const [width, height] of [
    [300, 500],
    [41, 23],
    [5, 3],
    [1, 1],
  ] as const) {
    const map = {
      widthPx: 7,
      heightPx: 7,
      values: Float32Array.from({ length: 49 }, () => random.normal()),
    };
    const chain = fitTransform(width, height, 96);
    const { values } = upsampleMap(map, chain);
    expect(Math.fround(mapRows(map, chain).largest())).toBe(values.reduce((a, b) => Math.max(a, b)));
  }
});

it("stores a map in the image's shape with at most 512 px a side", () => {
  expect(storedMapSize(fitTransform(3328, 4096, 224))).toEqual({ widthPx: 416, heightPx: 512 });
  expect(storedMapSize(fitTransform(300, 200, 224))).toEqual({ widthPx: 300, heightPx: 200 });
});

it("scales a map to a maximum of 1 and leaves an empty one at 0", () => {
  const plane = (values: number[]) => ({ widthPx: 2, heightPx: 1, values: Float32Array.from(values) });
  expect([...scaleToUnit(plane([2, 4])).values]).toEqual([0.5, 1]);
  expect([...scaleToUnit(plane([0, 0])).values]).toEqual([0, 0]);
});
