import { expect, test, vi } from "vitest";
import { parseStudyUrl, toggleFacetValue } from "./study-url-filter.ts";

vi.mock("next/navigation", () => ({}));

const nothing = {
  facets: {},
  search: undefined,
  from: undefined,
  to: undefined,
  sort: "received-newest",
  look: "gallery",
  after: undefined,
  before: undefined,
};

test("reads the filter of a shared link", () => {
  const search = new URLSearchParams(
    "site=north&label=malignant&label=incomplete&device=A,B&technical=rolled&technical=ghost&sort=name&look=table&search=XR-1",
  );
  expect(parseStudyUrl(search)).toEqual({
    ...nothing,
    facets: { label: ["malignant", "incomplete"], device: ["A,B"], technical: ["rolled"] },
    sort: "name",
    look: "table",
    search: "XR-1",
  });
});

test("drops what is none of ours instead of failing, and keeps the rest", () => {
  const search = new URLSearchParams(
    "label=cyst&label=benign&view=ML&from=yesterday&look=3d&sort=best&after=x&received=lately",
  );
  expect(parseStudyUrl(search)).toEqual({ ...nothing, facets: { label: ["benign"] } });
});

test("adds a value to a facet, takes it away again and begins at the first page", () => {
  const search = new URLSearchParams("site=north&density=A&after=somewhere");
  const more = toggleFacetValue(search, "density", "C");
  expect(more.toString()).toBe("site=north&density=A&density=C");
  expect(toggleFacetValue(more, "density", "A").toString()).toBe("site=north&density=C");
});
