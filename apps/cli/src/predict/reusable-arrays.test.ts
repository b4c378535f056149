import { expect, test } from "vitest";
import { ReusableArrays } from "./reusable-arrays.ts";

test("an array given back is handed out again, cut to what is asked for", () => {
  const arrays = new ReusableArrays();
  const first = arrays.take(100);
  arrays.give(first);
  const second = arrays.take(60);
  expect(second).toHaveLength(60);
  expect(second.buffer).toBe(first.buffer);
});

test("an array in use is never handed out a second time", () => {
  const arrays = new ReusableArrays();
  expect(arrays.take(10).buffer).not.toBe(arrays.take(10).buffer);
});

test("an array that is too small makes room for a larger one", () => {
  const arrays = new ReusableArrays();
  const small = arrays.take(10);
  arrays.give(small);
  expect(arrays.take(11)).toHaveLength(11);
  expect(arrays.take(10).buffer).not.toBe(small.buffer);
});
