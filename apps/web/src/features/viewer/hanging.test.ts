import { expect, test } from "vitest";
import { earlierText, extentOf, hang, readingOrder, type HungImage } from "./hanging.ts";

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
  expect(names(hang(four, { layout: "four-view", selectedIndex: 0 }))).toEqual([
    "RCC",
    "LCC",
    "RMLO",
    "LMLO",
  ]);
});

test("keeps the place of a missing view empty", () => {
  expect(names(hang(four.slice(1), { layout: "four-view", selectedIndex: 0 }))).toEqual([
    "RCC",
    "LCC",
    "RMLO",
    undefined,
  ]);
});

test("hangs pairs of one view", () => {
  expect(names(hang(four, { layout: "cc-pair", selectedIndex: 0 }))).toEqual(["RCC", "LCC"]);
  expect(names(hang(four, { layout: "mlo-pair", selectedIndex: 0 }))).toEqual(["RMLO", "LMLO"]);
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
  expect(names(hang(withRepeat, { layout: "single", selectedIndex: 2 }))).toEqual(["LCC-2"]);
});

test("measures the shared extent in mm", () => {
  expect(extentOf([image("L", "CC"), { ...image("R", "CC"), heightPx: 500 }])).toEqual({
    width: 60,
    height: 100,
  });
});

test("hangs the newest prior of the same breast and view beside the present image", () => {
  const priors = [
    { daysBefore: 370, images: [image("L", "CC", "newer-LCC")] },
    { daysBefore: 1_100, images: [image("R", "CC", "older-RCC"), image("L", "CC", "older-LCC")] },
  ];
  const prior = (selectedIndex: number) => hang(four, { layout: "prior", selectedIndex, priors });
  expect(names(prior(0))).toEqual(["older-RCC", "RCC"]);
  expect(prior(0)[0]?.daysBefore).toBe(1_100);
  expect(names(prior(1))).toEqual(["newer-LCC", "LCC"]);
  expect(names(prior(2))).toEqual([undefined, "RMLO"]);
});

test("says an interval as a person would", () => {
  expect([1, 30, 370, 1_100].map(earlierText)).toEqual([
    "1 day earlier",
    "30 days earlier",
    "12 months earlier",
    "3.0 years earlier",
  ]);
});
