import { fc, test as propertyTest } from "@fast-check/vitest";
import { describe, expect, test } from "vitest";
import { apportion, splitSubjects, type SplittableSubject } from "./cohort-split.ts";

const fractions = { train: 0.6, tuning: 0.15, "internal-test": 0.25 };

const subjects = (count: number, siteCode: string, isMalignant: boolean): SplittableSubject[] =>
  Array.from({ length: count }, (_, index) => ({
    subjectId: `${siteCode}-${isMalignant ? "m" : "b"}-${index}`,
    pseudonym: `${siteCode}-${isMalignant ? "m" : "b"}-${index}`,
    siteId: siteCode,
    siteCode,
    isMalignant,
  }));

const cohort = [
  ...subjects(40, "north", true),
  ...subjects(60, "north", false),
  ...subjects(8, "east", true),
  ...subjects(20, "east", false),
];

describe("splitSubjects", () => {
  test("gives every site and class its share of every split", () => {
    const splits = splitSubjects(cohort, fractions, 42);
    const count = (prefix: string, split: string) =>
      [...splits].filter(([id, own]) => id.startsWith(prefix) && own === split).length;
    expect(splits.size).toBe(cohort.length);
    expect([
      count("north-m", "train"),
      count("north-m", "tuning"),
      count("north-m", "internal-test"),
    ]).toEqual([24, 6, 10]);
    expect([count("east-b", "train"), count("east-b", "tuning"), count("east-b", "internal-test")]).toEqual([
      12, 3, 5,
    ]);
  });

  test("draws the same subjects whatever the order of the rows", () => {
    const drawn = splitSubjects(cohort, fractions, 42);
    const reversed = splitSubjects(cohort.toReversed(), fractions, 42);
    expect(Object.fromEntries(reversed)).toEqual(Object.fromEntries(drawn));
  });

  test("draws others under another seed", () => {
    expect(Object.fromEntries(splitSubjects(cohort, fractions, 43))).not.toEqual(
      Object.fromEntries(splitSubjects(cohort, fractions, 42)),
    );
  });

  test("refuses shares that do not sum to 1", () => {
    expect(() => splitSubjects(cohort, { ...fractions, train: 0.5 }, 1)).toThrow(/sum to 1/);
  });

  test("keeps the draw of one site when another joins", () => {
    const alone = splitSubjects(
      cohort.filter(({ siteCode }) => siteCode === "north"),
      fractions,
      42,
    );
    const together = splitSubjects(cohort, fractions, 42);
    expect([...alone].every(([id, split]) => together.get(id) === split)).toBe(true);
  });
});

describe("apportion", () => {
  propertyTest.prop([fc.nat(500), fc.nat(100), fc.nat(100)])(
    "sums to the count, each size within one of its share",
    (count, first, second) => {
      const train = first / 200;
      const tuning = second / 200;
      const shares = { train, tuning, "internal-test": 1 - train - tuning };
      const sizes = apportion(count, shares);
      expect(sizes.reduce((sum, [, size]) => sum + size, 0)).toBe(count);
      for (const [split, size] of sizes) {
        const share = shares[split as keyof typeof shares];
        expect(Math.abs(size - share * count)).toBeLessThan(1 + 1e-6);
      }
    },
  );
});
