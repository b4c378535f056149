import { describe, expect, test } from "vitest";
import {
  caseLabelState,
  labelBiradsSchema,
  labelProblems,
  unknownBreast,
  type BreastLabel,
} from "./breast-label.ts";
import { biradsSchema } from "./reading.ts";

const problems = (label: Partial<BreastLabel>) =>
  labelProblems({ ...unknownBreast, ...label }).map(({ severity, field }) => `${severity} ${field}`);

describe("the label of a breast", () => {
  test("is not negative by BI-RADS 0, 3, 4 or 5 of readers alone", () => {
    for (const birads of ["0", "3", "4", "4A", "4B", "4C", "5"] as const) {
      for (const finding of ["normal", "benign"] as const) {
        expect(problems({ birads, finding, source: "reader-consensus" }), `${birads} ${finding}`).toEqual([
          "error birads",
        ]);
        expect(problems({ birads, finding, source: "pathology" }), `${birads} ${finding}`).toEqual([]);
      }
    }
    expect(problems({ birads: "1", finding: "normal", source: "reader-consensus" })).toEqual([]);
    expect(problems({ birads: "2", finding: "benign", source: "reader-consensus" })).toEqual([]);
  });

  test("takes BI-RADS 6 as a known malignancy only, and never from readers", () => {
    expect(problems({ birads: "6", finding: "malignant", source: "pathology" })).toEqual([]);
    expect(problems({ birads: "6" })).toEqual(["warning birads"]);
    expect(problems({ birads: "6", finding: "benign", source: "pathology" })).toEqual(["error birads"]);
    expect(problems({ birads: "6", finding: "malignant", source: "reader-consensus" })).toEqual([
      "warning source",
      "error birads",
    ]);
  });

  test("needs a source for a finding and months for a follow-up", () => {
    expect(problems({ finding: "benign" })).toEqual(["error source"]);
    expect(problems({ source: "pathology" })).toEqual(["error finding"]);
    expect(problems({ finding: "normal", source: "follow-up" })).toEqual(["error followUpMonths"]);
    expect(problems({ finding: "normal", source: "pathology", followUpMonths: 12 })).toEqual([
      "error followUpMonths",
    ]);
  });

  test("warns of a follow-up under a year, and tells the usual length up to two", () => {
    const after = (followUpMonths: number) =>
      labelProblems({ ...unknownBreast, finding: "normal", source: "follow-up", followUpMonths });
    expect(after(11)).toMatchObject([
      { severity: "warning", message: expect.stringMatching(/under a year/) },
    ]);
    expect(after(12)).toMatchObject([{ severity: "warning", message: expect.stringMatching(/ask for 24/) }]);
    expect(after(24)).toEqual([]);
  });

  test("is an interval cancer only where it is malignant", () => {
    expect(problems({ isIntervalCancer: true, finding: "benign", source: "pathology" })).toEqual([
      "error isIntervalCancer",
    ]);
    expect(problems({ isIntervalCancer: true, finding: "malignant", source: "pathology" })).toEqual([]);
  });
});

describe("the label of a case", () => {
  test("waits for every imaged breast unless one is malignant", () => {
    const both = ["R", "L"] as const;
    expect(caseLabelState({ R: null, L: null }, both)).toBe("unlabelled");
    expect(caseLabelState({ R: "malignant", L: null }, both)).toBe("malignant");
    expect(caseLabelState({ R: "normal", L: null }, both)).toBe("incomplete");
    expect(caseLabelState({ R: "normal", L: null }, ["R"])).toBe("normal");
    expect(caseLabelState({ R: "normal", L: "benign" }, both)).toBe("benign");
  });
});

test("labels have every category of a reading, and category 4 of reports that do not subdivide it", () => {
  expect(new Set(labelBiradsSchema.options)).toEqual(new Set([...biradsSchema.options, "4"]));
});
