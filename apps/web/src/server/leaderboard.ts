import "server-only";
import type { Split } from "@crossread/contracts/split";
import type { Database } from "@crossread/db/database";
import type { EvaluationRow } from "@crossread/db/evaluations";
import { acrossSites } from "@crossread/db/row-scope";
import { listScoredBreasts } from "@crossread/db/scored-breasts";
import { resampleMetrics } from "@crossread/metrics/evaluation-report";
import { rankLeaderboard, rowSeed, type Leaderboard, type LeaderboardRow } from "@crossread/metrics/rank";

/** Fewer breasts than this are shown without a rank. */
export const minimumCaseCount = 20;
const replicateCount = 500;
const seed = 42;

type Replicates = LeaderboardRow["replicates"];

/** Replicates depend on nothing but the evaluated scores, so they are drawn once per state of an evaluation. */
const known = new Map<string, Replicates>();
const largestKnownCount = 200;

/** "paired": all rows are over the same breasts and share resamples; "separate": each row has breasts of its own. */
export async function rankByDip(
  db: Database,
  evaluations: readonly EvaluationRow[],
  pairing: "paired" | "separate",
): Promise<Leaderboard> {
  const rows: LeaderboardRow[] = [];
  const unranked: { id: string; reason: string }[] = [];
  for (const evaluation of evaluations) {
    const { report } = evaluation;
    const id = evaluation.evaluationId;
    const { dip } = report.metrics;
    if (!("value" in dip)) {
      unranked.push({ id, reason: dip.undefined });
    } else if (report.level !== "breast") {
      unranked.push({ id, reason: `Ranked are results per breast; this one is per ${report.level}.` });
    } else if (report.caseCount < minimumCaseCount) {
      unranked.push({
        id,
        reason: `${report.caseCount} breasts are fewer than the ${minimumCaseCount} that a rank needs.`,
      });
    } else {
      const replicates = await drawReplicates(db, evaluation, pairing);
      rows.push({ id, caseCount: report.caseCount, value: dip.value, replicates });
    }
  }
  const board = rankLeaderboard(rows, { minimumCaseCount, better: "higher" });
  return { ranked: board.ranked, unranked: [...unranked, ...board.unranked] };
}

async function drawReplicates(
  db: Database,
  evaluation: EvaluationRow,
  pairing: "paired" | "separate",
): Promise<Replicates> {
  const { report } = evaluation;
  const key = JSON.stringify([
    evaluation.evaluationId,
    report.threshold,
    report.confusion,
    report.metrics.auc,
  ]);
  const found = known.get(key);
  if (found !== undefined) return found;
  const breasts = await scoredBreasts(db, evaluation);
  const { replicates } = resampleMetrics({
    labels: breasts.map((breast) => (breast.isMalignant ? 1 : 0)),
    scores: breasts.map((breast) => breast.score),
    subjectIds: breasts.map((breast) => breast.subjectId),
    threshold: report.threshold,
    seed: pairing === "paired" ? seed : rowSeed(seed, evaluation.siteId ?? "pooled"),
    bootstrapReplicates: replicateCount,
    level: "breast",
  });
  known.set(key, replicates.dip);
  const oldest = known.keys().next().value;
  if (known.size > largestKnownCount && oldest !== undefined) known.delete(oldest);
  return replicates.dip;
}

async function scoredBreasts(
  db: Database,
  target: { checkpointId: string; cohortId: string; split: Split; siteId: string | null },
) {
  const breasts = await listScoredBreasts(acrossSites(db, "ranks"), target);
  return target.siteId === null ? breasts : breasts.filter((breast) => breast.siteId === target.siteId);
}
