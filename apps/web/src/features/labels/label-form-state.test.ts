import { unknownBreast, type CaseLabels } from "@crossread/contracts/breast-label";
import { expect, test } from "vitest";
import { describeBreast, editBreast, formProblems, sameLabels } from "./label-form-state.ts";

const cancer = {
  finding: "malignant",
  source: "pathology",
  followUpMonths: null,
  birads: "5",
  isIntervalCancer: true,
} as const;

test("what belongs to a value goes with it", () => {
  expect(editBreast(cancer, { finding: "benign" })).toEqual({
    ...cancer,
    finding: "benign",
    isIntervalCancer: false,
  });
  const followed = editBreast(unknownBreast, { finding: "normal", source: "follow-up", followUpMonths: 24 });
  expect(editBreast(followed, { source: "pathology" })).toMatchObject({ followUpMonths: null });
  expect(editBreast(followed, { finding: null })).toEqual(unknownBreast);
});

test("a breast that the form does not change is not judged", () => {
  const old = { ...unknownBreast, finding: "normal", source: "follow-up" } as const;
  const stored: CaseLabels = { breasts: { R: old, L: unknownBreast }, density: null };
  const entered: CaseLabels = { ...stored, breasts: { R: old, L: { ...old } } };
  expect(formProblems(stored, entered)).toMatchObject({ R: [], L: [{ field: "followUpMonths" }] });
  expect(sameLabels(stored, entered)).toBe(false);
  expect(sameLabels(stored, structuredClone(stored))).toBe(true);
});

test("a label is told in one line", () => {
  expect(describeBreast(cancer)).toBe("malignant, pathology, interval cancer, BI-RADS 5");
  expect(describeBreast(unknownBreast)).toBe("unknown");
});
