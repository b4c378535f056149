import { isDefined } from "@crossread/metrics/estimate";
import { evaluateScores, resampleMetrics, type EvaluationReport } from "@crossread/metrics/evaluation-report";
import { rankLeaderboard, type Leaderboard } from "@crossread/metrics/rank";
import type { ExamplePrediction } from "@crossread/model/predict-examples";
import { evaluationInput, scoreSets, thresholdOf, type ScoredModel } from "./evaluate-examples.ts";
import type { SiteCohort } from "./site-cohorts.ts";

interface SiteResult {
  readonly siteId: string;
  readonly report: EvaluationReport;
  readonly predictions: readonly ExamplePrediction[];
}

export interface RoundEvaluation {
  readonly round: number;
  readonly threshold: number;
  readonly thresholdChosenOn: string;
  readonly pooled: EvaluationReport;
  readonly sites: readonly SiteResult[];
}

/** One checkpoint at every site's test split; the threshold comes from all tuning splits together. */
export async function evaluateRound(
  model: ScoredModel,
  cohort: { sites: readonly SiteCohort[]; round: number; seed: number },
): Promise<RoundEvaluation> {
  const tuningSets = cohort.sites.map((site) => site.splits.tuning);
  const testSets = cohort.sites.map((site) => site.splits["internal-test"]);
  const scored = await scoreSets(model, [...tuningSets, ...testSets]);
  const { chosenOn, threshold } = thresholdOf(scored.slice(0, tuningSets.length).flat());
  const settings = { threshold, seed: cohort.seed };
  const tests = scored.slice(tuningSets.length);
  const sites = cohort.sites.map((site, index) => {
    const predictions = tests[index] ?? [];
    return {
      siteId: site.siteId,
      predictions,
      report: evaluateScores(evaluationInput(predictions, settings)),
    };
  });
  return {
    round: cohort.round,
    threshold,
    thresholdChosenOn: chosenOn,
    pooled: evaluateScores(evaluationInput(tests.flat(), settings)),
    sites,
  };
}

const minimumCaseCount = 10;

/** Checkpoints ranked by pooled DIP; all are scored on the same images, so their resamples are paired. */
export function checkpointLeaderboard(evaluations: readonly RoundEvaluation[], seed: number): Leaderboard {
  const rows = evaluations.flatMap((evaluation) => {
    const { dip } = evaluation.pooled.metrics;
    if (!isDefined(dip)) return [];
    const predictions = evaluation.sites.flatMap((site) => site.predictions);
    const input = evaluationInput(predictions, { threshold: evaluation.threshold, seed });
    return [
      {
        id: `round ${evaluation.round}`,
        caseCount: predictions.length,
        value: dip.value,
        replicates: resampleMetrics(input).replicates.dip,
      },
    ];
  });
  return rankLeaderboard(rows, { minimumCaseCount, better: "higher" });
}
