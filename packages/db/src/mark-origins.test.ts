import type { ReaderMark } from "@crossread/contracts/reader-mark";
import { expect, test } from "vitest";
import { originsOf } from "./mark-origins.ts";

const mark = (markId: string, xPx: number): ReaderMark => ({
  markId,
  instanceId: "i",
  geometry: { shape: "point", xPx, yPx: 1 },
  kind: "mass",
});
const reading = (readerName: string, marks: ReaderMark[]) => ({ readerName, answers: { marks } });

test("a mark of a decision is kept from a reading, changed from one, or the arbitrator's own", () => {
  const readings = [reading("A", [mark("1", 5), mark("2", 5)]), reading("B", [mark("3", 5)])];
  expect(originsOf([mark("1", 5), mark("2", 9), mark("3", 5), mark("4", 5)], readings)).toEqual([
    { markId: "1", origin: "kept", readerName: "A" },
    { markId: "2", origin: "changed", readerName: "A" },
    { markId: "3", origin: "kept", readerName: "B" },
    { markId: "4", origin: "drawn", readerName: null },
  ]);
});

test("a mark that a reader changed with the aid is kept from whichever of the two readings it equals", () => {
  const readings = [reading("A", [mark("1", 5)]), reading("A", [mark("1", 8)])];
  expect(originsOf([mark("1", 8)], readings)).toEqual([{ markId: "1", origin: "kept", readerName: "A" }]);
});
