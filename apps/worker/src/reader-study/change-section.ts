import type { ReaderStudyAnalysis } from "@crossread/contracts/reader-study-analysis";
import { MetricInputError } from "@crossread/metrics/metric-input-error";
import { sampleVariance } from "@crossread/metrics/summary";
import { estimates, isRecall, orReason, ratio, shares, type StudyScope } from "./study-scope.ts";

type Changes = Exclude<ReaderStudyAnalysis["changes"], { undefined: string }>;

interface Pair {
  readonly subjectId: string;
  readonly isMalignant: boolean;
  readonly aided: number;
  readonly unaided: number;
  /** Calls for recall, null where a BI-RADS category is missing. */
  readonly aidedCall: number | null;
  readonly unaidedCall: number | null;
}

/** What readers changed after they saw the aid, and whether towards the reference standard. */
export function changeSection(scope: StudyScope): ReaderStudyAnalysis["changes"] {
  return orReason(() => {
    const byReader = scope.complete.map((reader) => ({ reader, pairs: pairsOf(scope, reader) }));
    const all = byReader.flatMap(({ pairs }) => pairs);
    if (all.length === 0) {
      throw new MetricInputError("empty", "No reader who finished rated a breast under both conditions.");
    }
    return {
      rows: [
        changesOf(scope, null, all),
        ...byReader.map(({ pairs, reader }) => changesOf(scope, reader, pairs)),
      ],
      malignant: orReason(() =>
        bandOf(
          scope,
          all.filter(({ isMalignant }) => isMalignant),
        ),
      ),
      other: orReason(() =>
        bandOf(
          scope,
          all.filter(({ isMalignant }) => !isMalignant),
        ),
      ),
    };
  });
}

function pairsOf({ breastsOf, clusterIds, labels, tables }: StudyScope, reader: number): Pair[] {
  return breastsOf(reader).flatMap((breast) => {
    const [aided, unaided] = tables.suspicion.map((byReader) => byReader[reader]![breast] ?? null);
    if (aided === null || aided === undefined || unaided === null || unaided === undefined) return [];
    const [aidedCall, unaidedCall] = tables.birads.map((byReader) => isRecall(byReader[reader]![breast]!));
    return [
      {
        subjectId: clusterIds[breast]!,
        isMalignant: labels[breast] === 1,
        aided,
        unaided,
        aidedCall: aidedCall ?? null,
        unaidedCall: unaidedCall ?? null,
      },
    ];
  });
}

function changesOf(
  scope: StudyScope,
  reader: number | null,
  pairs: readonly Pair[],
): Changes["rows"][number] {
  const isRaised = (unit: number) => pairs[unit]!.aided > pairs[unit]!.unaided;
  const isLowered = (unit: number) => pairs[unit]!.aided < pairs[unit]!.unaided;
  const isMalignant = (unit: number) => pairs[unit]!.isMalignant;
  const isOther = (unit: number) => !pairs[unit]!.isMalignant;
  const hasSwitched = (unit: number) => {
    const { aidedCall, unaidedCall } = pairs[unit]!;
    return aidedCall !== null && unaidedCall !== null && aidedCall !== unaidedCall;
  };
  const isRightCall = (unit: number) => (pairs[unit]!.aidedCall === 1) === pairs[unit]!.isMalignant;
  const parts = shares(
    [
      { name: "malignantRaised", isAsked: isMalignant, isCounted: isRaised },
      { name: "malignantLowered", isAsked: isMalignant, isCounted: isLowered },
      { name: "otherRaised", isAsked: isOther, isCounted: isRaised },
      { name: "otherLowered", isAsked: isOther, isCounted: isLowered },
      {
        name: "right",
        isAsked: (unit) => isRaised(unit) || isLowered(unit),
        isCounted: (unit) => isRaised(unit) === isMalignant(unit),
      },
      { name: "rightCalls", isAsked: hasSwitched, isCounted: isRightCall },
    ],
    pairs.map(({ subjectId }) => subjectId),
    scope.resampling,
  );
  return {
    reader,
    count: pairs.length,
    malignant: { raised: parts.malignantRaised, lowered: parts.malignantLowered },
    other: { raised: parts.otherRaised, lowered: parts.otherLowered },
    suspicionRight: parts.right,
    recall: {
      right: parts.rightCalls.count,
      wrong: parts.rightCalls.total - parts.rightCalls.count,
      rightShare: parts.rightCalls,
    },
  };
}

function bandOf(scope: StudyScope, pairs: readonly Pair[]): Extract<Changes["malignant"], { count: number }> {
  const differences = pairs.map(({ aided, unaided }) => aided - unaided);
  // Refuses fewer than two.
  const spread = 1.96 * Math.sqrt(sampleVariance(differences));
  const estimate = estimates(
    new Map([["bias", ratio(differences, new Uint8Array(pairs.length).fill(1))]]),
    { clusterIds: pairs.map(({ subjectId }) => subjectId), reason: "There is no pair." },
    scope.resampling,
  );
  const centre = differences.reduce((sum, value) => sum + value, 0) / differences.length;
  const grid = Array.from({ length: 10 }, () => Array.from({ length: 10 }, () => 0));
  const bin = (suspicion: number) => Math.min(9, Math.floor(suspicion / 10));
  for (const { aided, unaided } of pairs) grid[bin(unaided)]![bin(aided)]!++;
  return {
    bias: estimate("bias"),
    lowerLimit: centre - spread,
    upperLimit: centre + spread,
    count: pairs.length,
    grid,
  };
}
