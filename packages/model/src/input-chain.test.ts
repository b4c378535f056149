import { test as propertyTest, fc } from "@fast-check/vitest";
import { createRandom } from "@crossread/metrics/random";
import { describe, expect, it } from "vitest";
import { drawAugmentation } from "./augment.ts";
import { carryMapToImage, imageToInput, inputToImage, prepareInput, type InputChain } from "./input-chain.ts";
import { fitTransform, type Point } from "./preprocess.ts";
import { upsampleMap } from "./saliency-frame.ts";

const sizePx = 64;

/** Gaussian spot about a point, continuous coordinates. */
function spotted(widthPx: number, heightPx: number, spot: Point & { sigma: number }) {
  const values = Float32Array.from({ length: widthPx * heightPx }, (_, index) => {
    const dx = (index % widthPx) + 0.5 - spot.x;
    const dy = Math.floor(index / widthPx) + 0.5 - spot.y;
    return Math.exp(-(dx * dx + dy * dy) / (2 * spot.sigma ** 2));
  });
  return { widthPx, heightPx, values };
}

function centreOfMass(plane: { widthPx: number; values: Float32Array }, background = 0): Point {
  let [mass, x, y] = [0, 0, 0];
  plane.values.forEach((value, index) => {
    const weight = Math.max(0, value - background);
    mass += weight;
    x += weight * ((index % plane.widthPx) + 0.5);
    y += weight * (Math.floor(index / plane.widthPx) + 0.5);
  });
  return { x: x / mass, y: y / mass };
}

const distance = (a: Point, b: Point) => Math.hypot(a.x - b.x, a.y - b.y);

const share = fc.double({ min: 0, max: 1, noNaN: true });

/** Any image, any crop of it, any augmentation that the paper's ranges allow, and a point of the crop. */
const scene = fc
  .record({
    width: fc.integer({ min: 48, max: 260 }),
    height: fc.integer({ min: 48, max: 260 }),
    crop: fc.option(fc.tuple(share, share, share, share)),
    augmentationSeed: fc.option(fc.nat()),
    at: fc.tuple(
      fc.double({ min: 0.15, max: 0.85, noNaN: true }),
      fc.double({ min: 0.15, max: 0.85, noNaN: true }),
    ),
  })
  .map(({ at, augmentationSeed, crop, height, width }) => {
    const area = { leftPx: 0, topPx: 0, widthPx: width, heightPx: height };
    if (crop !== null) {
      area.widthPx = Math.round(width * (0.5 + crop[0] / 2));
      area.heightPx = Math.round(height * (0.5 + crop[1] / 2));
      area.leftPx = Math.floor(crop[2] * (width - area.widthPx));
      area.topPx = Math.floor(crop[3] * (height - area.heightPx));
    }
    return {
      width,
      height,
      steps: {
        ...(crop !== null && { crop: area }),
        ...(augmentationSeed !== null && {
          augmentation: drawAugmentation(sizePx, createRandom(augmentationSeed)),
        }),
      },
      point: { x: area.leftPx + at[0] * area.widthPx, y: area.topPx + at[1] * area.heightPx },
    };
  });

const isWellInside = (point: Point, marginPx: number) =>
  Math.min(point.x, point.y) > marginPx && Math.max(point.x, point.y) < sizePx - marginPx;

describe("the recorded chain", () => {
  propertyTest.prop([scene], { numRuns: 60 })(
    "says within half a pixel where the network sees a spot of the image, and the way back",
    ({ height, point, steps, width }) => {
      const { chain } = prepareInput(spotted(width, height, { ...point, sigma: 1 }), sizePx, steps);
      const expected = imageToInput(chain, point);
      fc.pre(isWellInside(expected, 8));
      const inputPixel = 1 / chain.fit.scale;
      const sigma = 2 * inputPixel;
      const area = steps.crop ?? { leftPx: 0, topPx: 0, widthPx: width, heightPx: height };
      const edges = [
        point.x - area.leftPx,
        point.y - area.topPx,
        area.leftPx + area.widthPx - point.x,
        area.topPx + area.heightPx - point.y,
      ];
      fc.pre(Math.min(...edges) > 3.5 * sigma);
      const { pixels } = prepareInput(spotted(width, height, { ...point, sigma }), sizePx, steps);
      const background = steps.augmentation?.isContrastShifted === true ? 10 / 255 : 0;
      const seen = centreOfMass({ widthPx: sizePx, values: pixels }, background);
      expect(distance(seen, expected)).toBeLessThan(0.5);
      expect(distance(inputToImage(chain, seen), point)).toBeLessThan(0.5 * inputPixel);
    },
  );

  propertyTest.prop([scene], { numRuns: 100 })(
    "is its own inverse to rounding",
    ({ height, point, steps, width }) => {
      const { chain } = prepareInput(
        { widthPx: width, heightPx: height, values: new Float32Array(width * height) },
        sizePx,
        steps,
      );
      expect(distance(inputToImage(chain, imageToInput(chain, point)), point)).toBeLessThan(1e-9);
    },
  );

  propertyTest.prop([scene], { numRuns: 40 })(
    "carries a hot area of a map to the image within half a pixel of the network's frame",
    ({ height, point, steps, width }) => {
      const blank = { widthPx: width, heightPx: height, values: new Float32Array(width * height) };
      const { chain } = prepareInput(blank, sizePx, steps);
      const cells = 32;
      const onMap = imageToInput(chain, point);
      const map = spotted(cells, cells, {
        x: (onMap.x * cells) / sizePx,
        y: (onMap.y * cells) / sizePx,
        sigma: 1,
      });
      const area = steps.crop ?? { leftPx: 0, topPx: 0, widthPx: width, heightPx: height };
      const reach = 4 * (sizePx / cells);
      fc.pre(isWellInside(onMap, reach));
      const corners = [-1, 1].flatMap((u) =>
        [-1, 1].map((v) => inputToImage(chain, { x: onMap.x + u * reach, y: onMap.y + v * reach })),
      );
      fc.pre(
        corners.every(
          ({ x, y }) =>
            x > area.leftPx &&
            y > area.topPx &&
            x < area.leftPx + area.widthPx &&
            y < area.topPx + area.heightPx,
        ),
      );
      const carried = carryMapToImage(map, chain);
      expect([carried.widthPx, carried.heightPx]).toEqual([width, height]);
      expect(distance(centreOfMass(carried), point)).toBeLessThan(0.5 / chain.fit.scale);
    },
  );
});

describe("carryMapToImage", () => {
  const map = { widthPx: 7, heightPx: 7, values: Float32Array.from({ length: 49 }, (_, cell) => cell / 48) };

  it("equals upsampleMap where nothing but the fit happened", () => {
    const fit = fitTransform(90, 130, 224);
    const chain: InputChain = { imageWidthPx: 90, imageHeightPx: 130, fit };
    const expected = upsampleMap(map, fit);
    carryMapToImage(map, chain).values.forEach((value, index) =>
      expect(Math.abs(value - expected.values[index]!)).toBeLessThan(1e-6),
    );
  });

  it("is 0 outside the crop", () => {
    const crop = { leftPx: 10, topPx: 20, widthPx: 30, heightPx: 40 };
    const chain: InputChain = { imageWidthPx: 90, imageHeightPx: 130, crop, fit: fitTransform(30, 40, 64) };
    const flat = { ...map, values: new Float32Array(49).fill(1) };
    const { values } = carryMapToImage(flat, chain);
    expect(values.reduce((sum, value) => sum + value, 0)).toBe(30 * 40);
    expect([values[20 * 90 + 10], values[20 * 90 + 9], values[19 * 90 + 10]]).toEqual([1, 0, 0]);
  });
});

it.each([
  [{ leftPx: -1, topPx: 0, widthPx: 5, heightPx: 5 }],
  [{ leftPx: 6, topPx: 0, widthPx: 5, heightPx: 5 }],
  [{ leftPx: 0, topPx: 0, widthPx: 0, heightPx: 5 }],
  [{ leftPx: 0.5, topPx: 0, widthPx: 5, heightPx: 5 }],
])("refuses the crop %j of a 10 × 10 image", (crop) => {
  const image = { widthPx: 10, heightPx: 10, values: new Float32Array(100) };
  expect(() => prepareInput(image, 16, { crop })).toThrow(RangeError);
});
