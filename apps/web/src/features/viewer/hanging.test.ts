import { expect, test } from "vitest";
import { extentOf, hang, readingOrder, type HungImage } from "./hanging.ts";

const image = (laterality: "L" | "R", view: "CC" | "MLO", instanceId = laterality + view): HungImage => ({
  instanceId,
  laterality,
  view,
  widthPx: 300,
  heightPx: 400,
  pixelSpacingMm: 0.2,
});
const four = [image("L", "MLO"), image("R", "CC"), image("L", "CC"), image("R", "MLO")];
const names = (slots: readonly { image: HungImage | undefined }[]) =>
  slots.map((slot) => slot.image?.instanceId);

test("hangs four views as RCC LCC over RMLO LMLO, whatever their order in the study", () => {
  expect(names(hang(four, "four-view", 0))).toEqual(["RCC", "LCC", "RMLO", "LMLO"]);
});

test("keeps the place of a missing view empty", () => {
  expect(names(hang(four.slice(1), "four-view", 0))).toEqual(["RCC", "LCC", "RMLO", undefined]);
});

test("hangs pairs of one view", () => {
  expect(names(hang(four, "cc-pair", 0))).toEqual(["RCC", "LCC"]);
  expect(names(hang(four, "mlo-pair", 0))).toEqual(["RMLO", "LMLO"]);
});

test("steps through every image in the single layout, repeats included", () => {
  const withRepeat = [...four, image("L", "CC", "LCC-2")];
  expect(readingOrder(withRepeat).map((each) => each.instanceId)).toEqual([
    "RCC",
    "LCC",
    "LCC-2",
    "RMLO",
    "LMLO",
  ]);
  expect(names(hang(withRepeat, "single", 2))).toEqual(["LCC-2"]);
});

test("measures the shared extent in mm", () => {
  expect(extentOf([image("L", "CC"), { ...image("R", "CC"), heightPx: 500 }])).toEqual({
    width: 60,
    height: 100,
  });
});
