import { countPending } from "./blinding.ts";
import type { Database } from "./database.ts";
import { allocateReadings } from "./reader-allocation.ts";
import { drawPlannedCases, settingsOf, type ReaderStudyPlan } from "./reader-study-plan.ts";
import { loadStepTimes, type StepTime } from "./reader-study-progress.ts";

export interface ReaderStudyPreview {
  readonly caseCount: number;
  /** Null for a caller who still has to read one of the cases blind. */
  readonly malignantCount: number | null;
  /** Cases of one reader, fewest and most; in a crossover each is read twice. */
  readonly casesPerReader: { readonly fewest: number; readonly most: number };
  readonly stepTimes: readonly StepTime[];
}

/** What a plan would be, with nothing written. */
export async function previewReaderStudy(
  db: Database,
  plan: Pick<ReaderStudyPlan, "cohortId" | "checkpointId" | "split" | "caseLimit" | "seed" | "settings"> & {
    readonly readerCount: number;
    readonly viewerId: string;
  },
): Promise<ReaderStudyPreview> {
  const [cases, stepTimes] = await Promise.all([drawPlannedCases(db, plan), loadStepTimes(db)]);
  const pendingCount = await countPending(
    db,
    plan.viewerId,
    cases.map(({ caseId }) => caseId),
  );
  const { allocation, groupCount } = settingsOf(plan);
  const shares = allocateReadings({
    allocation,
    groupCount,
    design: "sequential",
    cases,
    readerCount: plan.readerCount,
    seed: plan.seed,
  });
  const counts = shares.map(({ readings }) => readings.length);
  return {
    caseCount: cases.length,
    malignantCount: pendingCount > 0 ? null : cases.filter(({ isMalignant }) => isMalignant).length,
    casesPerReader: { fewest: Math.min(...counts), most: Math.max(...counts) },
    stepTimes,
  };
}
