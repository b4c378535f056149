import { expect, test } from "vitest";
import { descriptorsOfKind, lesionDescriptorsSchema, referenceMarkProblems } from "./reference-mark.ts";

const frame = { widthPx: 100, heightPx: 200 };
const mass = {
  instanceId: "0190a000-0000-7000-8000-000000000000",
  geometry: { shape: "point", xPx: 50, yPx: 150 },
  kind: "mass",
  descriptors: { shape: "irregular", margin: "spiculated" },
  finding: "malignant",
  pathology: "invasive",
} as const;

test("takes a mass with its descriptors, and a mark of which nothing is known", () => {
  expect(referenceMarkProblems(mass, frame)).toEqual([]);
  const bare = { ...mass, kind: "other", descriptors: {}, finding: null, pathology: null } as const;
  expect(referenceMarkProblems(bare, frame)).toEqual([]);
});

test("refuses the descriptors of another kind of lesion", () => {
  const [problem] = referenceMarkProblems({ ...mass, kind: "calcification" }, frame);
  expect(problem).toContain('"shape, margin" does not go with calcification');
});

test("refuses a finding that its pathology contradicts; a high-risk lesion may be either", () => {
  expect(referenceMarkProblems({ ...mass, finding: "benign" }, frame)).toHaveLength(1);
  expect(referenceMarkProblems({ ...mass, finding: null, pathology: "in-situ" }, frame)).toHaveLength(1);
  for (const finding of ["benign", "malignant", null] as const) {
    expect(referenceMarkProblems({ ...mass, finding, pathology: "high-risk" }, frame)).toEqual([]);
  }
  expect(referenceMarkProblems({ ...mass, finding: "normal", pathology: null }, frame)).toHaveLength(1);
});

test("refuses what lies outside of the image, and takes a circle that its border cuts", () => {
  const at = (xPx: number, yPx: number) => ({ ...mass, geometry: { shape: "point", xPx, yPx } as const });
  expect(referenceMarkProblems(at(150, 50), frame)).toHaveLength(1);
  expect(referenceMarkProblems(at(100, 200), frame)).toEqual([]);
  const cut = { ...mass, geometry: { shape: "circle", xPx: 5, yPx: 5, radiusPx: 20 } } as const;
  expect(referenceMarkProblems(cut, frame)).toEqual([]);
  const corners = [
    { xPx: 0, yPx: 0 },
    { xPx: 10, yPx: 0 },
    { xPx: 10, yPx: -1 },
  ];
  expect(
    referenceMarkProblems({ ...mass, geometry: { shape: "polygon", points: corners } }, frame),
  ).toHaveLength(1);
});

test("every descriptor belongs to a kind of lesion", () => {
  expect(new Set(Object.values(descriptorsOfKind).flat())).toEqual(
    new Set(Object.keys(lesionDescriptorsSchema.shape)),
  );
});
