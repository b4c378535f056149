import type { ReaderMark } from "@crossread/contracts/reader-mark";
import { expect, test } from "vitest";
import { withDescriptor, withKind } from "./mark-description.ts";

const mark: ReaderMark = {
  markId: "0190a000-0000-7000-8000-000000000001",
  instanceId: "0190a000-0000-7000-8000-000000000000",
  geometry: { shape: "point", xPx: 1, yPx: 2 },
  kind: "mass",
};

test("describes a mark and takes a descriptor back", () => {
  const described = withDescriptor(withDescriptor(mark, "margin", "spiculated"), "shape", "irregular");
  expect(described.descriptors).toEqual({ margin: "spiculated", shape: "irregular" });
  expect(withDescriptor(described, "shape", "").descriptors).toEqual({ margin: "spiculated" });
  expect(() => withDescriptor(mark, "margin", "fuzzy")).toThrow(/margin/);
});

test("leaves the descriptors behind that do not go with another finding", () => {
  const mass = withDescriptor(mark, "margin", "spiculated");
  expect(withKind(mass, "calcification")).toEqual({ ...mark, kind: "calcification", descriptors: {} });
  expect(withKind(mass, "mass")).toEqual(mass);
});
