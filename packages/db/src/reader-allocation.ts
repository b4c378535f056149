import { DomainError } from "@crossread/contracts/errors";
import type { Condition } from "@crossread/contracts/reading";
import type { ReaderStudySettings } from "@crossread/contracts/reader-study-settings";
import { createRandom, type Random } from "@crossread/metrics/random";
import { shuffleForReader, type DrawableCase } from "./reader-case-draw.ts";

export interface PlannedReading {
  readonly caseId: string;
  readonly period: 1 | 2;
  /** Null: unaided, then aided. */
  readonly condition: Condition | null;
  readonly position: number;
}

export interface ReaderShare {
  readonly groupIndex: number | null;
  /** In the reader's order. */
  readonly readings: readonly PlannedReading[];
}

export interface AllocationPlan extends Pick<ReaderStudySettings, "design" | "allocation" | "groupCount"> {
  readonly cases: readonly DrawableCase[];
  readonly readerCount: number;
  readonly seed: number;
}

/** Readers of one case under double reading. */
export const doubleReadingCount = 2;

/** Who reads what in which order: a function of the plan alone, one share a reader. */
export function allocateReadings(plan: AllocationPlan): ReaderShare[] {
  assertAllocation(plan);
  const random = createRandom(plan.seed).fork("allocation");
  const shares = casesOfReaders(plan, random);
  return shares.map(({ groupIndex, caseIds }, place) => {
    const turn = shares.slice(0, place).filter((share) => share.groupIndex === groupIndex).length;
    return { groupIndex, readings: orderReadings({ ...plan, place, turn, caseIds }) };
  });
}

function assertAllocation(plan: AllocationPlan): void {
  const { allocation, groupCount, readerCount } = plan;
  if (allocation === "double-reading" && readerCount < doubleReadingCount) {
    throw new DomainError(
      "plan-invalid",
      `Double reading needs at least ${doubleReadingCount} readers, but got ${readerCount}.`,
    );
  }
  if (allocation !== "split-plot") return;
  if (groupCount === null || readerCount < groupCount || plan.cases.length < groupCount) {
    throw new DomainError(
      "plan-invalid",
      `A split plot needs a reader and a case in each group, but got ${readerCount} readers and ${plan.cases.length} cases for ${groupCount ?? "no"} groups.`,
    );
  }
}

interface ShareOfCases {
  readonly groupIndex: number | null;
  readonly caseIds: readonly string[];
}

function casesOfReaders(plan: AllocationPlan, random: Random): ShareOfCases[] {
  const { allocation, cases, readerCount } = plan;
  const readers = Array.from({ length: readerCount }, (_, place) => place);
  switch (allocation) {
    case "fully-crossed": {
      const caseIds = cases.map(({ caseId }) => caseId);
      return readers.map(() => ({ groupIndex: null, caseIds }));
    }
    case "split-plot": {
      const groupCount = plan.groupCount ?? 1;
      const groups = Array.from({ length: groupCount }, (): string[] => []);
      for (const [turn, { caseId }] of stratified(cases, random).entries()) {
        groups[turn % groupCount]?.push(caseId);
      }
      const groupOf = new Map(
        random
          .fork("groups")
          .shuffle(readers)
          .map((place, turn) => [place, turn % groupCount]),
      );
      return readers.map((place) => {
        const groupIndex = groupOf.get(place) ?? 0;
        return { groupIndex, caseIds: groups[groupIndex] ?? [] };
      });
    }
    case "double-reading":
      return pairUp(plan, random).map((caseIds) => ({ groupIndex: null, caseIds }));
  }
}

/** Cases of one stratum beside each other, so that dealing them out in turn spreads every stratum evenly. */
function stratified(cases: readonly DrawableCase[], random: Random): DrawableCase[] {
  const strata = [...new Set(cases.map(({ stratum }) => stratum))].toSorted();
  const ordered = cases.toSorted((a, b) => (a.caseId < b.caseId ? -1 : 1));
  return strata.flatMap((stratum) =>
    random.fork(`deal/${stratum}`).shuffle(ordered.filter((drawable) => drawable.stratum === stratum)),
  );
}

/** Two readers a case: those with the fewest cases so far and, of these, those who met least. */
function pairUp(plan: AllocationPlan, random: Random): string[][] {
  const places = Array.from({ length: plan.readerCount }, (_, place) => place);
  const order = random.fork("pairs").shuffle(places);
  const shares = places.map((): string[] => []);
  const meetings = places.map(() => places.map(() => 0));
  const loadOf = (place: number) => shares[place]?.length ?? 0;
  const leastOf = (candidates: readonly number[], cost: (place: number) => number) =>
    candidates.reduce((best, place) => (cost(place) < cost(best) ? place : best));
  for (const { caseId } of stratified(plan.cases, random)) {
    const first = leastOf(order, loadOf);
    const others = order.filter((place) => place !== first);
    const leastLoad = Math.min(...others.map(loadOf));
    const second = leastOf(
      others.filter((place) => loadOf(place) === leastLoad),
      (place) => meetings[first]?.[place] ?? 0,
    );
    for (const [place, partner] of [
      [first, second],
      [second, first],
    ] as const) {
      shares[place]?.push(caseId);
      const row = meetings[place];
      if (row !== undefined) row[partner] = (row[partner] ?? 0) + 1;
    }
  }
  return shares;
}

export interface OneReadersCases extends Pick<AllocationPlan, "cases" | "design" | "seed"> {
  /** The reader's place in the study, of which the order depends. */
  readonly place: number;
  /** The reader's place among those who read the same cases, of which the condition of period 1 depends. */
  readonly turn: number;
  readonly caseIds: readonly string[];
}

/**
 * The readings of one reader in order. In a crossover every second case of each stratum is unaided in period 1 and aided
 * in period 2, the others the other way round, and the next reader has the halves exchanged.
 */
export function orderReadings(plan: OneReadersCases): PlannedReading[] {
  const own = new Set(plan.caseIds);
  const cases = plan.cases.filter(({ caseId }) => own.has(caseId));
  const shuffled = shuffleForReader(
    cases.map(({ caseId }) => caseId),
    plan.seed,
    plan.place,
  );
  if (plan.design === "sequential") {
    return shuffled.map((caseId, position) => ({ caseId, period: 1, condition: null, position }));
  }
  const random = createRandom(plan.seed).fork("crossover");
  const aidedFirst = new Set(
    stratified(cases, random)
      .filter((_, index) => (index + plan.turn) % 2 === 1)
      .map(({ caseId }) => caseId),
  );
  const again = createRandom(plan.seed).fork(`reader/${plan.place}/period-2`).shuffle(shuffled);
  const readingOf = (caseId: string, period: 1 | 2, position: number): PlannedReading => ({
    caseId,
    period,
    condition: aidedFirst.has(caseId) === (period === 1) ? "aided" : "unaided",
    position,
  });
  return [
    ...shuffled.map((caseId, index) => readingOf(caseId, 1, index)),
    ...again.map((caseId, index) => readingOf(caseId, 2, shuffled.length + index)),
  ];
}
