import type { ReferenceMark } from "@crossread/contracts/reference-mark";
import { expect, test } from "vitest";
import {
  marksProblems,
  marksVersions,
  newMark,
  sameMarks,
  withDescriptor,
  withKind,
  withPathology,
} from "./marks-state.ts";

const image = "0190a000-0000-7000-8000-000000000000";
const mark = (markId: string, xPx = 5): ReferenceMark =>
  newMark(markId, image, { shape: "point", xPx, yPx: 5 });

test("another kind of lesion drops the descriptors that do not go with it", () => {
  const mass = withDescriptor(withDescriptor(mark("a"), "shape", "oval"), "density", "high");
  expect(mass.descriptors).toEqual({ shape: "oval", density: "high" });
  expect(withKind(mass, "calcification").descriptors).toEqual({});
  expect(withKind(mass, "mass").descriptors).toEqual(mass.descriptors);
  expect(withDescriptor(mass, "shape", "").descriptors).toEqual({ density: "high" });
});

test("the finding follows pathology, but a high-risk lesion is left to the person", () => {
  const benign = { ...mark("a"), finding: "benign" } as const;
  expect(withPathology(benign, "in-situ").finding).toBe("malignant");
  expect(withPathology(benign, "high-risk").finding).toBe("benign");
  expect(withPathology(benign, null).finding).toBe("benign");
});

test("marks are the same whatever their order and the order of their properties", () => {
  const described = { ...mark("a"), descriptors: { shape: "oval", margin: "obscured" } } as const;
  const turnedRound = { ...described, descriptors: { margin: "obscured", shape: "oval" } } as const;
  expect(sameMarks([described, mark("b")], [mark("b"), turnedRound])).toBe(true);
  expect(sameMarks([mark("a")], [mark("a", 6)])).toBe(false);
  expect(sameMarks([mark("a")], [mark("a"), mark("b")])).toBe(false);
  expect(sameMarks([mark("a")], [mark("c")])).toBe(false);
});

test("judges what was changed and not what a data set brought along", () => {
  const outside = mark("a", 500);
  const frameOf = () => ({ widthPx: 100, heightPx: 100 });
  expect([...marksProblems([outside], [outside, mark("b")], frameOf).keys()]).toEqual([]);
  expect([...marksProblems([], [outside, mark("b")], frameOf).keys()]).toEqual(["a"]);
});

test("the marks of every change are found again, also those of one that only deleted", () => {
  const at = (day: number) => new Date(Date.UTC(2026, 0, day));
  const row = (made: number, of: ReferenceMark, ended: number | null) => ({
    statement: { kind: "mark" as const, mark: of },
    creatorName: made === 1 ? null : "Ada",
    createdAt: at(made),
    reason: made === 1 ? null : `made ${made}`,
    superseded: ended === null ? null : { at: at(ended), byName: "Ben", reason: `ended ${ended}` },
  });
  const versions = marksVersions([row(1, mark("a"), 2), row(2, mark("b"), null), row(1, mark("c"), 3)]);
  expect(versions.map(({ marks }) => marks.map(({ markId }) => markId))).toEqual([
    ["b"],
    ["b", "c"],
    ["a", "c"],
  ]);
  expect(versions.map(({ at: time, reason }) => [time.getUTCDate(), reason])).toEqual([
    [3, "ended 3"],
    [2, "ended 2"],
    [1, null],
  ]);
  expect(marksVersions([])).toEqual([]);
});
