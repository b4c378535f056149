import { expect, it } from "vitest";
import { groupLinked, isOneWoman } from "./subject-groups.ts";

it("joins chains of links in any order, and leaves strangers apart", () => {
  const groups = groupLinked([
    ["d", "e"],
    ["b", "c"],
    ["x", "y"],
    ["c", "d"],
    ["a", "e"],
  ]);
  expect(["a", "b", "c", "d", "e"].map((id) => groups.get(id))).toEqual(["a", "a", "a", "a", "a"]);
  expect(isOneWoman(groups, "b", "e")).toBe(true);
  expect(isOneWoman(groups, "x", "a")).toBe(false);
  expect(isOneWoman(groups, "p", "p")).toBe(true);
  expect(isOneWoman(groups, "p", "q")).toBe(false);
});
