import { describe, expect, test } from "vitest";
import golden from "../golden/mrmc-power/cases.json" with { type: "json" };
import {
  conjecturedComponents,
  requiredCaseCount,
  requiredReaderCount,
  studyPower,
  type Generalisation,
  type PlannedStudy,
} from "./mrmc-power.ts";
import { normalQuantile } from "./normal-distribution.ts";

const plan = (generalisation: Generalisation, level = 0.05): PlannedStudy => ({
  components: golden.pilot,
  pilotCaseCount: golden.pilotCaseCount,
  effect: golden.effect,
  generalisation,
  level,
});

describe("studyPower", () => {
  test("gives the power that RJafroc publishes for the Van Dyke study", () => {
    const { published } = golden;
    const result = studyPower(plan("readers-and-cases"), published.power);
    expect(result.power).toBeCloseTo(published.power.power, 6);
    expect(result.noncentrality.toFixed(2)).toBe(published.power.noncentrality);
    expect(result.denominatorDf.toFixed(1)).toBe(published.power.denominatorDf);
    expect(studyPower(plan("readers"), published.readersOnly).power).toBeCloseTo(
      published.readersOnly.power,
      6,
    );
    expect(
      Math.abs(studyPower(plan("cases"), { readerCount: 10, caseCount: 133 }).power - 0.8011),
    ).toBeLessThan(0.01);
  });

  test("needs as many cases as RJafroc's published table says", () => {
    for (const [readers, cases] of Object.entries(golden.published.casesForEightyPercent)) {
      expect(requiredCaseCount(plan("readers-and-cases"), { readerCount: Number(readers), power: 0.8 })).toBe(
        cases,
      );
    }
    expect(requiredCaseCount(plan("readers"), { readerCount: 10, power: 0.8 })).toBe(53);
  });

  test("agrees with scipy for every generalisation", () => {
    for (const { generalisation, level, power, ...size } of golden.rows) {
      expect(
        Math.abs(studyPower(plan(generalisation as Generalisation, level), size).power - power),
      ).toBeLessThan(1e-8);
    }
  });

  test("rises with readers, cases and effect", () => {
    const power = (readerCount: number, caseCount: number, effect = 0.0438) =>
      studyPower({ ...plan("readers-and-cases"), effect }, { readerCount, caseCount }).power;
    expect(power(7, 100)).toBeGreaterThan(power(6, 100));
    expect(power(6, 101)).toBeGreaterThan(power(6, 100));
    expect(power(6, 100, -0.05)).toBeGreaterThan(power(6, 100, 0.0438));
    expect(power(6, 100, 10)).toBe(1);
  });

  test("the fewest readers are enough and one less is not", () => {
    const readerCount = requiredReaderCount(plan("readers-and-cases"), { caseCount: 200, power: 0.9 });
    const power = (count: number) =>
      studyPower(plan("readers-and-cases"), { readerCount: count, caseCount: 200 }).power;
    expect(power(readerCount)).toBeGreaterThanOrEqual(0.9);
    expect(power(readerCount - 1)).toBeLessThan(0.9);
  });

  test("says where no number of cases helps, and refuses plans without meaning", () => {
    const code = (name: string) => expect.objectContaining({ code: name });
    const both = plan("readers-and-cases");
    expect(() => requiredCaseCount(both, { readerCount: 3, power: 0.8 })).toThrow(code("unreachable-power"));
    expect(() => studyPower(both, { readerCount: 1, caseCount: 50 })).toThrow(code("too-few-readers"));
    expect(() => studyPower(both, { readerCount: 4, caseCount: 0 })).toThrow(code("too-few-cases"));
    expect(() => studyPower({ ...both, effect: 0 }, { readerCount: 4, caseCount: 50 })).toThrow(
      code("out-of-range"),
    );
    expect(() => requiredCaseCount(both, { readerCount: 4, power: 1 })).toThrow(code("out-of-range"));
    const still = { conditionReader: -1, error: 1, cov1: 1, cov2: 0.5, cov3: 0.5 };
    expect(() => studyPower({ ...both, components: still }, { readerCount: 4, caseCount: 50 })).toThrow(
      code("zero-variance"),
    );
  });
});

describe("conjecturedComponents", () => {
  const study = {
    auc: 0.9,
    malignantCount: 50,
    benignCount: 100,
    correlations: [0.47, 0.3, 0.3] as const,
    conditionReader: 1e-4,
  };

  test("the binormal variance, written out for one study", () => {
    const a = normalQuantile(0.9) * Math.SQRT2;
    const variance = (0.0099 * Math.exp((-a * a) / 2) * (5 * a * a + 8 + (a * a + 8) / 2)) / 50;
    const { error, cov1, cov2, cov3, conditionReader } = conjecturedComponents(study);
    expect(error).toBeCloseTo(variance, 12);
    expect([cov1, cov2, cov3, conditionReader]).toEqual([0.47 * error, 0.3 * error, 0.3 * error, 1e-4]);
  });

  test("lies near the error variance that the Van Dyke study found", () => {
    const { error } = conjecturedComponents({ ...study, auc: 0.92, malignantCount: 45, benignCount: 69 });
    expect(error / golden.pilot.error).toBeGreaterThan(0.7);
    expect(error / golden.pilot.error).toBeLessThan(1.5);
  });

  test("refuses correlations out of order and classes without cases", () => {
    const code = (name: string) => expect.objectContaining({ code: name });
    expect(() => conjecturedComponents({ ...study, correlations: [0.3, 0.4, 0.3] })).toThrow(
      code("out-of-range"),
    );
    expect(() => conjecturedComponents({ ...study, benignCount: 0 })).toThrow(code("too-few-cases"));
    expect(() => conjecturedComponents({ ...study, auc: 1 })).toThrow(code("out-of-range"));
  });
});
