import { expect, test } from "vitest";
import { inMinutes, paceOf } from "./reading-pace.ts";

test("an estimate of what is left has no seconds", () => {
  expect(paceOf(25_800, 11)).toEqual(["median 26 s per case", "about 5 min left"]);
  expect([paceOf(60_000, 60)[1], paceOf(60_000, 125)[1], paceOf(20_000, 1)[1]]).toEqual([
    "about 1 h left",
    "about 2 h 5 min left",
    "less than a minute left",
  ]);
});

test("nothing is left of a study that is read, and nothing is known of one that is not begun", () => {
  expect(paceOf(20_000, 0)).toEqual(["median 20 s per case"]);
  expect(paceOf(null, 12)).toEqual([]);
});

test("hours and minutes stand only where there are any", () => {
  expect([2_693_000, 3_600_000, 4_820_000].map(inMinutes)).toEqual(["45 min", "1 h", "1 h 20 min"]);
});
