import { expect, test } from "vitest";
import { drawCases, shuffleForReader } from "./reader-case-draw.ts";

const cases = ["north/malignant", "north/benign", "south/malignant", "south/benign"].flatMap((stratum) =>
  Array.from({ length: 5 }, (_, index) => ({ caseId: `${stratum}#${index}`, stratum })),
);
const stratumOf = (caseId: string) => caseId.split("#")[0];

test("takes from every stratum before any stratum gives a second case", () => {
  expect(new Set(drawCases(cases, 4, 7).map(stratumOf)).size).toBe(4);
  const eight = drawCases(cases, 8, 7).map(stratumOf);
  expect(eight.filter((stratum) => stratum === "south/benign")).toHaveLength(2);
});

test("draws every case once when the limit allows it, whatever the order of the input", () => {
  const drawn = drawCases(cases, 100, 7);
  expect(new Set(drawn).size).toBe(20);
  expect(drawCases(cases.toReversed(), 100, 7)).toEqual(drawn);
});

test("orders the same cases differently per reader and the same per seed", () => {
  const caseIds = cases.map((drawable) => drawable.caseId);
  const first = shuffleForReader(caseIds, 3, 0);
  expect(shuffleForReader(caseIds, 3, 0)).toEqual(first);
  expect(shuffleForReader(caseIds, 3, 1)).not.toEqual(first);
  expect(first.toSorted()).toEqual(caseIds.toSorted());
});
