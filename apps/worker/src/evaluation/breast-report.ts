import type { Laterality } from "@crossread/contracts/dataset-manifest";
import { DomainError } from "@crossread/contracts/errors";
import {
  evaluationReportSchema,
  type EvaluationLevel,
  type EvaluationReport,
  type OperatingPoint,
} from "@crossread/contracts/evaluation-report";
import type { OperatingPointRule } from "@crossread/contracts/operating-point";
import type { Split } from "@crossread/contracts/split";
import { evaluateScores } from "@crossread/metrics/evaluation-report";
import {
  chooseOperatingPoint,
  type OperatingPointRule as MetricRule,
} from "@crossread/metrics/operating-point";
import { labelOf } from "../jobs/image-references.ts";

export interface ScoredImage {
  readonly instanceId: string;
  readonly caseId: string;
  readonly subjectId: string;
  readonly siteId: string;
  readonly split: Split;
  readonly laterality: Laterality;
  readonly finding: "normal" | "benign" | "malignant";
  readonly score: number | undefined;
}

export interface BreastScore {
  readonly subjectId: string;
  readonly siteId: string;
  readonly split: Split;
  readonly label: 0 | 1;
  /** Highest of the breast's views. */
  readonly score: number;
}

/** One row a breast and case; a view without a score is an error, not a gap. */
export function toBreastScores(images: readonly ScoredImage[]): BreastScore[] {
  const breasts = new Map<string, BreastScore>();
  for (const image of images) {
    const { score, siteId, split, subjectId } = image;
    if (score === undefined) {
      throw new DomainError("metric-undefined", `Instance ${image.instanceId} has no score.`);
    }
    const key = `${image.caseId} ${image.laterality}`;
    const earlier = breasts.get(key);
    breasts.set(key, {
      subjectId,
      siteId,
      split,
      label: labelOf(image),
      score: Math.max(score, earlier?.score ?? 0),
    });
  }
  return [...breasts.values()];
}

/** Where the tuning breasts lack a class no threshold can be chosen: one half is taken and said so. */
export function chooseThreshold(tuning: readonly BreastScore[], rule: OperatingPointRule): OperatingPoint {
  if (rule.rule === "fixed") return { rule, chosenOn: "fixed", threshold: rule.threshold };
  const labels = tuning.map(({ label }) => label);
  if (!labels.includes(0) || !labels.includes(1)) {
    return { rule: { rule: "fixed", threshold: 0.5 }, chosenOn: "fixed", threshold: 0.5 };
  }
  const scores = tuning.map(({ score }) => score);
  const { threshold } = chooseOperatingPoint(labels, scores, {
    rule: toMetricRule(rule),
    chosenOn: "tuning",
  });
  return { rule, chosenOn: "tuning", threshold };
}

function toMetricRule(rule: Exclude<OperatingPointRule, { rule: "fixed" }>): MetricRule {
  switch (rule.rule) {
    case "youden":
      return { kind: "youden" };
    case "target-sensitivity":
      return { kind: "target-sensitivity", target: rule.sensitivity };
  }
}

const bootstrapReplicates = 1_000;

export function reportOf(
  breasts: readonly BreastScore[],
  settings: { level: EvaluationLevel; operatingPoint: OperatingPoint; seed: number },
): EvaluationReport {
  const { level, operatingPoint, seed } = settings;
  const report = evaluateScores({
    labels: breasts.map(({ label }) => label),
    scores: breasts.map(({ score }) => score),
    subjectIds: breasts.map(({ subjectId }) => subjectId),
    threshold: operatingPoint.threshold,
    seed,
    bootstrapReplicates,
    level,
  });
  return evaluationReportSchema.parse({ ...report, operatingPoint });
}
