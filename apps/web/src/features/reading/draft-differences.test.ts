import { emptyReadingAnswers } from "@crossread/contracts/reading";
import { expect, test } from "vitest";
import { draftDifferences } from "./draft-differences.ts";

const mark = (xPx: number) => ({
  markId: "0190a000-0000-7000-8000-000000000001",
  instanceId: "0190a000-0000-7000-8000-000000000000",
  geometry: { shape: "point" as const, xPx, yPx: 1 },
  kind: "mass" as const,
});
const empty = { answers: emptyReadingAnswers, mapRating: {} };

test("names every answer that differs, and only those", () => {
  const here = {
    answers: {
      ...emptyReadingAnswers,
      breasts: { ...emptyReadingAnswers.breasts, R: { birads: "2" as const, suspicion: 0 } },
      marks: [mark(1)],
    },
    mapRating: { hasMissedLesion: false },
  };
  expect(draftDifferences(here, empty)).toEqual([
    { what: "R BI-RADS", here: "2", there: "–" },
    { what: "R suspicion", here: "0", there: "–" },
    { what: "Marks", here: "1", there: "0" },
    { what: "Map: missed lesion", here: "no", there: "–" },
  ]);
  expect(draftDifferences(here, here)).toEqual([]);
  const moved = { ...here, answers: { ...here.answers, marks: [mark(2)] } };
  expect(draftDifferences(here, moved)).toEqual([{ what: "Marks", here: "1, changed", there: "1, changed" }]);
});
