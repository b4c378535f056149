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

  test("refuses shares that do not sum to 1, and shares below 0", () => {
    expect(() => splitSubjects(cohort, { ...fractions, train: 0.5 }, 1)).toThrow(/sum to 1/);
    expect(() => splitSubjects(cohort, { train: 1.2, tuning: 0.2, "internal-test": -0.4 }, 1)).toThrow(
      /sum to 1/,
    );
  });

  test("draws by pseudonym: another platform with other ids draws the same women", () => {
    const renamed = cohort.map((subject, index) => ({
      ...subject,
      subjectId: `id-${cohort.length - index}`,
    }));
    const drawn = splitSubjects(cohort, fractions, 42);
    const elsewhere = splitSubjects(renamed, fractions, 42);
    expect(renamed.map(({ subjectId }) => elsewhere.get(subjectId))).toEqual(
      cohort.map(({ subjectId }) => drawn.get(subjectId)),
    );
  });

  test("puts a woman with several pseudonyms where the first of them was drawn, and moves nobody else", () => {
    const alone = splitSubjects(cohort, fractions, 42);
    const pseudonyms = ["north-m-3", "north-b-7", "east-b-2", "east-m-5", "north-b-11"];
    expect(new Set(pseudonyms.map((id) => alone.get(id))).size).toBeGreaterThan(1);
    const linked = cohort.map((subject) =>
      pseudonyms.includes(subject.pseudonym) ? { ...subject, woman: "one" } : subject,
    );
    for (const given of [linked, linked.toReversed()]) {
      const splits = splitSubjects(given, fractions, 42);
      const where = alone.get("east-b-2");
      expect(pseudonyms.map((id) => splits.get(id))).toEqual(pseudonyms.map(() => where));
      const others = [...alone].filter(([id]) => !pseudonyms.includes(id));
      expect(others.filter(([id, split]) => splits.get(id) !== split)).toEqual([]);
    }
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
