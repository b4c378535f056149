import { fc } from "@fast-check/vitest";
import { describe, expect, test } from "vitest";
import { allocateReadings, type AllocationPlan, type ReaderShare } from "./reader-allocation.ts";
import { shuffleForReader } from "./reader-case-draw.ts";

const casesOf = (sizes: readonly number[]) =>
  sizes.flatMap((size, stratum) =>
    Array.from({ length: size }, (_, index) => ({
      caseId: `case-${stratum}-${index}`,
      stratum: `stratum-${stratum}`,
    })),
  );
const plan: AllocationPlan = {
  design: "sequential",
  allocation: "fully-crossed",
  groupCount: null,
  cases: casesOf([7, 5, 4]),
  readerCount: 4,
  seed: 3,
};
const plans = fc.record({
  cases: fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 4 }).map(casesOf),
  readerCount: fc.integer({ min: 2, max: 9 }),
  seed: fc.integer({ min: 0, max: 2 ** 31 - 1 }),
});
const spread = (counts: readonly number[]) => Math.max(...counts) - Math.min(...counts);
const caseIdsOf = ({ readings }: ReaderShare) => [...new Set(readings.map(({ caseId }) => caseId))];
const countBy = <TItem>(items: readonly TItem[], key: (item: TItem) => string) => {
  const counts = new Map<string, number>();
  for (const item of items) counts.set(key(item), (counts.get(key(item)) ?? 0) + 1);
  return counts;
};

describe("fully crossed", () => {
  test("gives every reader every case in the order of the seed and the reader's place", () => {
    const shares = allocateReadings(plan);
    const ids = plan.cases.map(({ caseId }) => caseId);
    for (const [place, { readings }] of shares.entries()) {
      expect(readings.map(({ caseId }) => caseId)).toEqual(shuffleForReader(ids, plan.seed, place));
      expect(readings.every(({ period, condition }) => period === 1 && condition === null)).toBe(true);
      expect(readings.map(({ position }) => position)).toEqual(ids.map((_, index) => index));
    }
  });
});

describe("split-plot", () => {
  test("splits the cases between the groups and the readers over them, evenly and by stratum", () => {
    fc.assert(
      fc.property(plans, fc.integer({ min: 2, max: 4 }), (given, groupCount) => {
        fc.pre(groupCount <= given.readerCount && groupCount <= given.cases.length);
        const shares = allocateReadings({
          ...given,
          design: "sequential",
          allocation: "split-plot",
          groupCount,
        });
        const groups = Array.from({ length: groupCount }, (_, index) =>
          shares.filter((share) => share.groupIndex === index),
        );
        expect(spread(groups.map((group) => group.length))).toBeLessThanOrEqual(1);
        const caseIds = groups.map((group) => {
          const [first, ...others] = group.map((share) => caseIdsOf(share).toSorted());
          for (const other of others) expect(other).toEqual(first);
          return first ?? [];
        });
        expect(caseIds.flat().toSorted()).toEqual(given.cases.map(({ caseId }) => caseId).toSorted());
        expect(spread(caseIds.map((ids) => ids.length))).toBeLessThanOrEqual(1);
        for (const stratum of new Set(given.cases.map((one) => one.stratum))) {
          const prefix = stratum.replace("stratum", "case");
          expect(
            spread(caseIds.map((ids) => ids.filter((id) => id.startsWith(`${prefix}-`)).length)),
          ).toBeLessThanOrEqual(1);
        }
      }),
      { numRuns: 60 },
    );
  });

  test("refuses more groups than readers", () => {
    expect(() => allocateReadings({ ...plan, allocation: "split-plot", groupCount: 5 })).toThrow(
      /a reader and a case in each group/,
    );
  });
});

describe("double reading", () => {
  test("gives every case two different readers and every reader as many cases, give or take one", () => {
    fc.assert(
      fc.property(plans, (given) => {
        const shares = allocateReadings({
          ...given,
          design: "sequential",
          allocation: "double-reading",
          groupCount: null,
        });
        const readersOf = countBy(shares.flatMap(caseIdsOf), (caseId) => caseId);
        expect(readersOf.size).toBe(given.cases.length);
        expect([...readersOf.values()].every((count) => count === 2)).toBe(true);
        expect(spread(shares.map(({ readings }) => readings.length))).toBeLessThanOrEqual(1);
      }),
      { numRuns: 60 },
    );
  });

  test("lets every reader meet every other about as often", () => {
    const shares = allocateReadings({
      ...plan,
      allocation: "double-reading",
      cases: casesOf([60]),
      readerCount: 5,
    });
    const meetings = shares.flatMap((share, place) =>
      shares
        .slice(place + 1)
        .map((other) => caseIdsOf(share).filter((caseId) => caseIdsOf(other).includes(caseId)).length),
    );
    expect(meetings).toHaveLength(10);
    expect(spread(meetings)).toBeLessThanOrEqual(2);
  });

  test("refuses a single reader", () => {
    expect(() => allocateReadings({ ...plan, allocation: "double-reading", readerCount: 1 })).toThrow(
      /at least 2 readers/,
    );
  });
});

describe("crossover", () => {
  const allocations = fc.constantFrom("fully-crossed" as const, "double-reading" as const);

  test("has each reader read each case once unaided and once aided, half of each in a period, by stratum", () => {
    fc.assert(
      fc.property(plans, allocations, (given, allocation) => {
        const shares = allocateReadings({ ...given, design: "crossover", allocation, groupCount: null });
        const stratumOf = new Map(given.cases.map(({ caseId, stratum }) => [caseId, stratum]));
        for (const { readings } of shares) {
          const first = readings.filter(({ period }) => period === 1);
          const second = readings.filter(({ period }) => period === 2);
          for (const { caseId, condition } of first) {
            const again = second.filter((reading) => reading.caseId === caseId);
            expect(again.map((reading) => reading.condition)).toEqual([
              condition === "aided" ? "unaided" : "aided",
            ]);
          }
          const aided = first.filter(({ condition }) => condition === "aided");
          expect(Math.abs(2 * aided.length - first.length)).toBeLessThanOrEqual(1);
          const total = countBy(first, ({ caseId }) => stratumOf.get(caseId) ?? "");
          const aidedIn = countBy(aided, ({ caseId }) => stratumOf.get(caseId) ?? "");
          for (const [stratum, count] of total) {
            expect(Math.abs(2 * (aidedIn.get(stratum) ?? 0) - count)).toBeLessThanOrEqual(1);
          }
          expect(readings.map(({ position }) => position)).toEqual(readings.map((_, index) => index));
          expect(second.every((reading) => reading.position >= first.length)).toBe(true);
        }
      }),
      { numRuns: 60 },
    );
  });

  test("exchanges the halves between readers, so that each case is aided first for half of them", () => {
    for (const allocation of ["fully-crossed", "split-plot"] as const) {
      const shares = allocateReadings({
        ...plan,
        design: "crossover",
        allocation,
        groupCount: allocation === "split-plot" ? 2 : null,
      });
      const first = shares.flatMap(({ readings }) => readings.filter(({ period }) => period === 1));
      for (const { caseId } of plan.cases) {
        const own = first.filter((reading) => reading.caseId === caseId);
        expect(own.filter(({ condition }) => condition === "aided")).toHaveLength(own.length / 2);
      }
    }
  });
});

test("the same plan gives the same allocation, another seed another one", () => {
  for (const design of ["sequential", "crossover"] as const) {
    for (const allocation of ["fully-crossed", "split-plot", "double-reading"] as const) {
      const given = { ...plan, design, allocation, groupCount: allocation === "split-plot" ? 2 : null };
      expect(allocateReadings(given)).toEqual(allocateReadings(given));
      expect(allocateReadings({ ...given, cases: given.cases.toReversed(), seed: 4 })).not.toEqual(
        allocateReadings(given),
      );
    }
  }
});
