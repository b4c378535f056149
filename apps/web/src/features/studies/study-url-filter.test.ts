import { expect, test, vi } from "vitest";
import { parseStudyFilter } from "./study-url-filter.ts";

vi.mock("next/navigation", () => ({}));

test("reads the filter of a shared link", () => {
  const search = new URLSearchParams("site=north&finding=malignant&view=CC&page=3&look=table");
  expect(parseStudyFilter(search)).toEqual({ finding: "malignant", view: "CC", page: 3, look: "table" });
});

test("drops what is none of ours instead of failing", () => {
  const search = new URLSearchParams("finding=cyst&page=-4&from=yesterday&look=3d");
  expect(parseStudyFilter(search)).toEqual({ page: 0, look: "gallery" });
});
