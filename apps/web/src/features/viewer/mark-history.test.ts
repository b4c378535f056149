import type { ReaderMark } from "@crossread/contracts/reader-mark";
import { expect, test } from "vitest";
import { recordMarks, redo, startHistory, undo } from "./mark-history.ts";

const mark = (xPx: number): ReaderMark => ({
  markId: `0190a000-0000-7000-8000-00000000000${xPx}`,
  instanceId: "0190a000-0000-7000-8000-000000000000",
  geometry: { shape: "point", xPx, yPx: 0 },
  kind: "mass",
});

test("goes back and forth over every change", () => {
  const drawn = recordMarks(recordMarks(startHistory([]), [mark(1)]), [mark(1), mark(2)]);
  expect(undo(drawn).present).toEqual([mark(1)]);
  expect(undo(undo(undo(drawn))).present).toEqual([]);
  expect(redo(undo(drawn)).present).toEqual(drawn.present);
});

test("forgets what was undone once something else is drawn", () => {
  const drawn = recordMarks(startHistory([]), [mark(1)]);
  const other = recordMarks(undo(drawn), [mark(2)]);
  expect(redo(other).present).toEqual([mark(2)]);
});

test("undoes one gesture of many steps at once, but not two gestures", () => {
  let history = startHistory([mark(1)]);
  for (const xPx of [2, 3, 4]) history = recordMarks(history, [mark(xPx)], "a.move");
  history = recordMarks(history, [mark(5)], "a.scale");
  expect(undo(history).present).toEqual([mark(4)]);
  expect(undo(undo(history)).present).toEqual([mark(1)]);
  expect(recordMarks(undo(history), [mark(6)], "a.move").past).toHaveLength(2);
});
