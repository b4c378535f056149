/** Power and size of reader studies in which not every reader reads every case. */
import { defaultConfidence } from "./estimate.ts";
import { assertOpenUnitInterval } from "./input-assertions.ts";
import { MetricInputError } from "./metric-input-error.ts";
import { powerOf, studyPower, type PlannedStudy, type StudyPower } from "./mrmc-power.ts";

/** Readers and cases of the whole study; each of the groups reads its own share of the cases. */
export interface GroupedSize {
  readonly readerCount: number;
  readonly caseCount: number;
  /** 1: fully crossed. */
  readonly groupCount: number;
}

/**
 * Power of a split-plot study of two conditions.
 *
 * With the M and the ddf of `studyPower` for one group of ⌊R/G⌋ readers and ⌊c/G⌋ cases: Δ = G·Δ_group, ddf = G·ddf_group,
 * since a difference has variance 2M/R and MS(T·R) has R − G degrees of freedom
 *
 * @param size - readers R ≥ 2G, cases c ≥ 2G; what does not divide evenly is left out, which is cautious
 * @throws {MetricInputError} all of `studyPower`; "out-of-range" if there is no group
 * @remarks Two readers a case, paired in turn, is about a split plot of R/2 groups: the pairs share as many cases in all.
 * @source split-plot: Obuchowski, Gallas & Hillis, Acad Radiol 19:1508 (2012)
 * @golden golden/grouped-power/cases.json (covariance matrix of all figures, scipy; simulated studies)
 */
export function groupedPower(plan: PlannedStudy, size: GroupedSize): StudyPower {
  const { groupCount } = size;
  if (!Number.isInteger(groupCount) || groupCount < 1) {
    throw new MetricInputError("out-of-range", `A study has at least 1 group, got ${groupCount}.`);
  }
  const group = studyPower(plan, {
    readerCount: Math.floor(size.readerCount / groupCount),
    caseCount: Math.floor(size.caseCount / groupCount),
  });
  const noncentrality = groupCount * group.noncentrality;
  const denominatorDf = groupCount * group.denominatorDf;
  const level = plan.level ?? 1 - defaultConfidence;
  return { power: powerOf(noncentrality, denominatorDf, level), noncentrality, denominatorDf };
}

const caseLimit = 100_000;
const readerLimit = 1_000;

/**
 * Fewest cases, a multiple of the groups, with which the readers reach a power.
 *
 * @throws {MetricInputError} all of `groupedPower`; "unreachable-power" above 100,000 cases
 * @complexity O(log cases) powers: power rises with cases
 */
export function requiredGroupedCases(
  plan: PlannedStudy,
  target: { readonly readerCount: number; readonly groupCount: number; readonly power: number },
): number {
  const { groupCount } = target;
  return (
    groupCount *
    smallest(target.power, Math.floor(caseLimit / groupCount), (perGroup) =>
      groupedPower(plan, { ...target, caseCount: perGroup * groupCount }),
    )
  );
}

/**
 * Fewest readers, a multiple of the groups, with whom the cases reach a power.
 *
 * @throws {MetricInputError} all of `groupedPower`; "unreachable-power" above 1,000 readers
 */
export function requiredGroupedReaders(
  plan: PlannedStudy,
  target: { readonly caseCount: number; readonly groupCount: number; readonly power: number },
): number {
  const { groupCount } = target;
  return (
    groupCount *
    smallest(target.power, Math.floor(readerLimit / groupCount), (perGroup) =>
      groupedPower(plan, { ...target, readerCount: perGroup * groupCount }),
    )
  );
}

/** Smallest count from 2 with the power, by bisection. */
function smallest(target: number, limit: number, powerAt: (count: number) => StudyPower): number {
  assertOpenUnitInterval("The power", target);
  const isEnough = (count: number) => powerAt(count).power >= target;
  if (!isEnough(limit)) {
    throw new MetricInputError("unreachable-power", `The power is not reached with ${limit} a group.`);
  }
  let enough = limit;
  let tooFew = 1;
  while (enough - tooFew > 1) {
    const middle = Math.floor((enough + tooFew) / 2);
    if (isEnough(middle)) enough = middle;
    else tooFew = middle;
  }
  return enough;
}
