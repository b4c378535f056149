import { expect, test } from "vitest";
import { facetTexts, orderedValues } from "./facet-texts.ts";
import { everyPeriod } from "./received-periods.ts";

const density = facetTexts.find(({ facet }) => facet === "density") ?? { facet: "density", title: "" };

test("shows a value of the filter that no study has as zero, and the unknown last", () => {
  const counts = [
    { value: "unknown", studyCount: 90 },
    { value: "C", studyCount: 2 },
    { value: "A", studyCount: 5 },
  ];
  expect(orderedValues(density, counts, ["D"])).toEqual([
    { value: "A", studyCount: 5 },
    { value: "C", studyCount: 2 },
    { value: "D", studyCount: 0 },
    { value: "unknown", studyCount: 90 },
  ]);
});

test("shows months and days without a study as gaps", () => {
  expect(
    everyPeriod([
      { value: "2026-02", studyCount: 1 },
      { value: "2025-12", studyCount: 3 },
    ]),
  ).toEqual([
    { value: "2025-12", studyCount: 3 },
    { value: "2026-01", studyCount: 0 },
    { value: "2026-02", studyCount: 1 },
  ]);
  expect(
    everyPeriod([
      { value: "2024-02-28", studyCount: 1 },
      { value: "2024-03-01", studyCount: 1 },
    ]).map(({ value }) => value),
  ).toEqual(["2024-02-28", "2024-02-29", "2024-03-01"]);
});
