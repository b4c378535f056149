import { expect, test } from "vitest";
import { isSecondPress } from "./second-press.ts";

test("the second click of a double click does not end the step that the first one opened", () => {
  expect([
    isSecondPress(10_000, 10_040),
    isSecondPress(10_400, 10_040),
    isSecondPress(13_000, 10_040),
  ]).toEqual([true, true, false]);
});
