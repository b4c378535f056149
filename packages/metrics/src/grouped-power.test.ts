import { describe, expect, test } from "vitest";
import golden from "../golden/grouped-power/cases.json" with { type: "json" };
import { groupedPower, requiredGroupedCases, requiredGroupedReaders } from "./grouped-power.ts";
import { conjecturedComponents, requiredCaseCount, studyPower, type PlannedStudy } from "./mrmc-power.ts";
import { relativeError } from "./relative-tolerance.ts";

const plan: PlannedStudy = {
  components: conjecturedComponents({
    auc: 0.85,
    malignantCount: 50,
    benignCount: 50,
    correlations: [0.43, 0.43, 0.3],
    conditionReader: 0.0002,
  }),
  pilotCaseCount: 100,
  effect: 0.05,
  generalisation: "readers-and-cases",
};

describe("groupedPower", () => {
  test("of one group is the power of a fully crossed study", () => {
    const size = { readerCount: 6, caseCount: 120 };
    expect(groupedPower(plan, { ...size, groupCount: 1 })).toEqual(studyPower(plan, size));
  });

  test("follows the variance of a difference and the degrees of freedom of a split plot", () => {
    const { error, cov1, cov2, cov3, conditionReader } = plan.components;
    const [readers, cases, groups] = [6, 120, 3];
    const scale = plan.pilotCaseCount / (cases / groups);
    // MS(T·R) is taken within the groups; two readers share a case.
    const interaction = conditionReader + scale * (error - cov1 - (cov2 - cov3));
    const term = interaction + (readers / groups) * scale * (cov2 - cov3);
    const { noncentrality, denominatorDf } = groupedPower(plan, {
      readerCount: readers,
      caseCount: cases,
      groupCount: groups,
    });
    expect(noncentrality).toBeCloseTo(plan.effect ** 2 / ((2 * term) / readers), 12);
    expect(denominatorDf).toBeCloseTo((term / interaction) ** 2 * (readers - groups), 12);
  });

  test("is less than that of the same readers and cases fully crossed", () => {
    const size = { readerCount: 8, caseCount: 200 };
    expect(groupedPower(plan, { ...size, groupCount: 4 }).power).toBeLessThan(studyPower(plan, size).power);
  });

  test("refuses groups of one reader, who cannot be told from the readers", () => {
    expect(() => groupedPower(plan, { readerCount: 3, caseCount: 90, groupCount: 3 })).toThrow(
      /at least 2 readers/,
    );
  });
});

describe("the required size", () => {
  test("of one group is the fully crossed one", () => {
    expect(requiredGroupedCases(plan, { readerCount: 8, groupCount: 1, power: 0.8 })).toBe(
      requiredCaseCount(plan, { readerCount: 8, power: 0.8 }),
    );
  });

  test("reaches the power, and one case or reader a group fewer does not", () => {
    const groups = { groupCount: 2, power: 0.8 };
    const caseCount = requiredGroupedCases(plan, { ...groups, readerCount: 10 });
    const at = (readerCount: number, cases: number) =>
      groupedPower(plan, { readerCount, caseCount: cases, groupCount: 2 }).power;
    expect(at(10, caseCount)).toBeGreaterThanOrEqual(0.8);
    expect(at(10, caseCount - 2)).toBeLessThan(0.8);
    const readerCount = requiredGroupedReaders(plan, { ...groups, caseCount: 200 });
    expect(at(readerCount, 200)).toBeGreaterThanOrEqual(0.8);
    expect(at(readerCount - 2, 200)).toBeLessThan(0.8);
  });
});

describe("the golden", () => {
  const planOf = (effect: number): PlannedStudy => ({
    components: golden.pilot,
    pilotCaseCount: golden.pilotCaseCount,
    effect,
    generalisation: "readers-and-cases",
  });

  test.each(golden.rows)(
    "$readerCount readers in $groupCount groups have the power of the whole covariance matrix, and of simulated studies",
    ({ effect, simulatedPower, ...row }) => {
      const actual = groupedPower(planOf(effect), row);
      expect(relativeError(actual.noncentrality, row.noncentrality)).toBeLessThan(1e-10);
      expect(relativeError(actual.denominatorDf, row.denominatorDf)).toBeLessThan(1e-10);
      expect(Math.abs(actual.power - row.power)).toBeLessThan(1e-8);
      expect(Math.abs(actual.power - simulatedPower)).toBeLessThan(0.015);
    },
  );
});
