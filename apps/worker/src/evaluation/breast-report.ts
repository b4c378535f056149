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
  readonly isAidedConsensus: boolean;
  readonly score: number | undefined;
}

export interface BreastScore {
  readonly subjectId: string;
  readonly siteId: string;
  readonly split: Split;
  readonly label: 0 | 1;
  /** The label is a consensus of readers who saw a model's aid: no test of a model. */
  readonly isAidedConsensus: boolean;
  /** Highest of the breast's views. */
  readonly score: number;
}

/** One row a breast and case; a view without a score is an error, not a gap. */
export function toBreastScores(images: readonly ScoredImage[]): BreastScore[] {
  const breasts = new Map<string, BreastScore>();
  for (const image of images) {
    const { isAidedConsensus, score, siteId, split, subjectId } = image;
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
      isAidedConsensus,
      score: Math.max(score, earlier?.score ?? 0),
    });
  }
  return [...breasts.values()];
}

/** Breasts that a model may be judged by. */
const judging = (breasts: readonly BreastScore[]): BreastScore[] =>
  breasts.filter(({ isAidedConsensus }) => !isAidedConsensus);

/** Where the tuning breasts lack a class no threshold can be chosen: one half is taken and said so. */
export function chooseThreshold(tuning: readonly BreastScore[], rule: OperatingPointRule): OperatingPoint {
  if (rule.rule === "fixed") return { rule, chosenOn: "fixed", threshold: rule.threshold };
  const judged = judging(tuning);
  const labels = judged.map(({ label }) => label);
  if (!labels.includes(0) || !labels.includes(1)) {
    return { rule: { rule: "fixed", threshold: 0.5 }, chosenOn: "fixed", threshold: 0.5 };
  }
  const scores = judged.map(({ score }) => score);
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

/** Undefined where no breast is left to judge the model by. */
export function reportOf(
  all: readonly BreastScore[],
  settings: { level: EvaluationLevel; operatingPoint: OperatingPoint; seed: number },
): EvaluationReport | undefined {
  const { level, operatingPoint, seed } = settings;
  const breasts = judging(all);
  if (breasts.length === 0) return undefined;
  const report = evaluateScores({
    labels: breasts.map(({ label }) => label),
    scores: breasts.map(({ score }) => score),
    subjectIds: breasts.map(({ subjectId }) => subjectId),
    threshold: operatingPoint.threshold,
    seed,
    bootstrapReplicates,
    level,
  });
  return evaluationReportSchema.parse({
    ...report,
    leftOutCount: all.length - breasts.length,
    operatingPoint,
  });
}
