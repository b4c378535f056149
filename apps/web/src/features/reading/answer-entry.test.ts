import { biradsSchema, emptyReadingAnswers } from "@crossread/contracts/reading";
import { expect, test } from "vitest";
import { missingAnswers, nextBirads } from "./answer-entry.ts";

test("chooses BI-RADS by its digit and goes through 4A, 4B and 4C", () => {
  expect([nextBirads("2", null), nextBirads("4", "2"), nextBirads("4", "4A"), nextBirads("4", "4C")]).toEqual(
    ["2", "4A", "4B", "4A"],
  );
  expect(nextBirads("x", null)).toBeUndefined();
});

test("reaches every category of the contract by a digit", () => {
  const reached = new Set<string>();
  for (const key of "0123456") {
    let current = nextBirads(key, null);
    while (current !== undefined && !reached.has(current)) {
      reached.add(current);
      current = nextBirads(key, current);
    }
  }
  expect([...reached].toSorted()).toEqual(biradsSchema.options.toSorted());
});

test("names what is missing", () => {
  expect(missingAnswers(emptyReadingAnswers)).toEqual([
    "R BI-RADS",
    "R suspicion",
    "L BI-RADS",
    "L suspicion",
    "density",
  ]);
});
