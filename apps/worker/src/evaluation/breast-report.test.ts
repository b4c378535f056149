import { describe, expect, expectTypeOf, test } from "vitest";
import type { EvaluationReport as StoredReport } from "@crossread/contracts/evaluation-report";
import type { EvaluationReport as ComputedReport } from "@crossread/metrics/evaluation-report";
import {
  chooseThreshold,
  reportOf,
  toBreastScores,
  type BreastScore,
  type ScoredImage,
} from "./breast-report.ts";

const image = (overrides: Partial<ScoredImage>): ScoredImage => ({
  instanceId: "i",
  caseId: "c1",
  subjectId: "p1",
  siteId: "s1",
  split: "internal-test",
  laterality: "R",
  finding: "normal",
  isAidedConsensus: false,
  score: 0.2,
  ...overrides,
});

const breast = (label: 0 | 1, score: number, subjectId: string): BreastScore => ({
  subjectId,
  isAidedConsensus: false,
  siteId: "s1",
  split: "tuning",
  label,
  score,
});

describe("breast scores", () => {
  test("take the highest view of each breast and keep the breasts of a case apart", () => {
    const breasts = toBreastScores([
      image({ score: 0.3 }),
      image({ score: 0.7 }),
      image({ laterality: "L", finding: "malignant", score: 0.6 }),
      image({ caseId: "c2", finding: "benign", score: 0.1 }),
    ]);
    expect(breasts.map(({ label, score }) => [label, score])).toEqual([
      [0, 0.7],
      [1, 0.6],
      [0, 0.1],
    ]);
  });

  test("refuse an image without a score instead of leaving it out", () => {
    expect(() => toBreastScores([image({ score: undefined })])).toThrow(/has no score/);
  });
});

describe("the operating point", () => {
  const tuning = [breast(0, 0.1, "a"), breast(0, 0.4, "b"), breast(1, 0.35, "c"), breast(1, 0.8, "d")];

  test("is Youden's point of the tuning breasts", () => {
    expect(chooseThreshold(tuning, { rule: "youden" })).toEqual({
      rule: { rule: "youden" },
      chosenOn: "tuning",
      threshold: 0.35,
    });
  });

  test("does not look at breasts whose truth comes from readers who saw a model", () => {
    const leaning = [breast(1, 0.05, "e"), breast(0, 0.9, "f")].map((one) => ({
      ...one,
      isAidedConsensus: true,
    }));
    expect(chooseThreshold([...tuning, ...leaning], { rule: "youden" }).threshold).toBe(0.35);
    expect(chooseThreshold(leaning, { rule: "youden" }).chosenOn).toBe("fixed");
  });

  test("is the highest threshold that reaches a wanted sensitivity", () => {
    const rule = { rule: "target-sensitivity", sensitivity: 0.5 } as const;
    expect(chooseThreshold(tuning, rule).threshold).toBe(0.8);
  });

  test("is one half and called fixed where the tuning breasts have one class", () => {
    const oneClass = tuning.filter(({ label }) => label === 0);
    expect(chooseThreshold(oneClass, { rule: "youden" })).toMatchObject({
      chosenOn: "fixed",
      threshold: 0.5,
    });
  });
});

describe("the report", () => {
  const operatingPoint = { rule: { rule: "youden" }, chosenOn: "tuning", threshold: 0.5 } as const;

  test("says its level and operating point, and the same seed gives the same intervals", () => {
    const breasts = Array.from({ length: 40 }, (_, index) =>
      breast(index % 3 === 0 ? 1 : 0, ((index * 17) % 40) / 40, `p${index >> 1}`),
    );
    const settings = { level: "breast", operatingPoint, seed: 5 } as const;
    const report = reportOf(breasts, settings);
    expect(report).toMatchObject({ level: "breast", operatingPoint, caseCount: 40, subjectCount: 20 });
    expect(reportOf(breasts, settings)).toEqual(report);
  });

  test("of one class names what is undefined instead of failing", () => {
    const report = reportOf([breast(0, 0.2, "a"), breast(0, 0.6, "b")], {
      level: "breast",
      operatingPoint,
      seed: 1,
    });
    expect(report?.metrics.auc).toEqual({ undefined: "No case is malignant." });
  });

  test("leaves out breasts whose truth comes from readers who saw a model, and says how many", () => {
    const settings = { level: "breast", operatingPoint, seed: 1 } as const;
    const judged = [breast(0, 0.1, "a"), breast(1, 0.3, "b"), breast(0, 0.6, "c"), breast(1, 0.9, "d")];
    // Truths that agree with the model: they would raise every metric.
    const leaning = [breast(0, 0.05, "e"), breast(1, 0.95, "f"), breast(1, 0.99, "f")].map((one) => ({
      ...one,
      isAidedConsensus: true,
    }));
    expect(reportOf(judged, settings)?.leftOutCount).toBe(0);
    expect(reportOf([...leaning, ...judged], settings)).toEqual({
      ...reportOf(judged, settings),
      leftOutCount: 3,
    });
    expect(reportOf(leaning, settings)).toBeUndefined();
  });

  test("has in the contract every field that metrics computes", () => {
    expectTypeOf<keyof ComputedReport>().toEqualTypeOf<
      Exclude<keyof StoredReport, "operatingPoint" | "leftOutCount">
    >();
  });
});
