import type { ReaderAllocation } from "@crossread/contracts/reader-study-settings";
import { groupedPower, requiredGroupedCases, requiredGroupedReaders } from "@crossread/metrics/grouped-power";
import { isMetricInputError } from "@crossread/metrics/metric-input-error";
import { conjecturedComponents, type PlannedStudy } from "@crossread/metrics/mrmc-power";

export interface PowerAssumptions {
  /** Expected AUC without the aid. */
  readonly auc: number;
  /** Difference in AUC that is to be found. */
  readonly effect: number;
  /** About how far apart the readers' true differences lie: four standard deviations. */
  readonly readerRange: number;
}

/** Correlations of the AUC's error: same reader, same condition, neither. */
export const pilotCorrelations = [0.43, 0.43, 0.3] as const;

/** Var(T·R) of the Van Dyke study is 0.0002, which is a range of (4·√(2·0.0002)). */
export const defaultAssumptions: PowerAssumptions = { auc: 0.85, effect: 0.05, readerRange: 0.08 };

export const targetPower = 0.8;

export interface PlannedSize {
  readonly caseCount: number;
  readonly malignantCount: number;
  readonly readerCount: number;
  readonly allocation: ReaderAllocation;
  readonly groupCount: number | null;
}

export type StudyPowerAnswer =
  | { readonly undefined: string }
  | {
      readonly power: number;
      /** With these readers and this share of malignant cases; null where no number suffices. */
      readonly requiredCases: number | null;
      /** With these cases; null where no number suffices. */
      readonly requiredReaders: number | null;
    };

/** Groups of readers who share their cases: pairs under double reading. */
function groupsOf({ allocation, groupCount, readerCount }: PlannedSize): number {
  switch (allocation) {
    case "fully-crossed":
      return 1;
    case "split-plot":
      return groupCount ?? 1;
    case "double-reading":
      return Math.max(1, Math.floor(readerCount / 2));
  }
}

/** Power of a planned study for other readers and other cases, at a two-sided level of 5 %. */
export function studyPowerOf(size: PlannedSize, assumptions: PowerAssumptions): StudyPowerAnswer {
  const { caseCount, malignantCount, readerCount } = size;
  const groupCount = groupsOf(size);
  const fewestReaders = 2 * groupCount;
  if (groupCount > 1 && readerCount < fewestReaders) {
    return { undefined: `${groupCount} groups need at least ${fewestReaders} readers, got ${readerCount}.` };
  }
  try {
    const plan: PlannedStudy = {
      components: conjecturedComponents({
        auc: assumptions.auc,
        malignantCount,
        benignCount: caseCount - malignantCount,
        correlations: pilotCorrelations,
        conditionReader: (assumptions.readerRange / 4) ** 2 / 2,
      }),
      pilotCaseCount: caseCount,
      effect: assumptions.effect,
      generalisation: "readers-and-cases",
    };
    return {
      power: groupedPower(plan, { readerCount, caseCount, groupCount }).power,
      requiredCases: orNull(() =>
        requiredGroupedCases(plan, { readerCount, groupCount, power: targetPower }),
      ),
      // Under double reading more readers share the same readings.
      requiredReaders:
        size.allocation === "double-reading"
          ? null
          : orNull(() => requiredGroupedReaders(plan, { caseCount, groupCount, power: targetPower })),
    };
  } catch (error) {
    if (isMetricInputError(error)) return { undefined: error.message };
    throw error;
  }
}

function orNull(quantity: () => number): number | null {
  try {
    return quantity();
  } catch (error) {
    if (isMetricInputError(error) && error.code === "unreachable-power") return null;
    throw error;
  }
}
