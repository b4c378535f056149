import type { EvaluationReport } from "@crossread/contracts/evaluation-report";
import type { EvaluationRow } from "@crossread/db/evaluations";

/** An evaluation for tables: everything but its curves. */
export type MetricRow = Omit<EvaluationRow, "report"> &
  Pick<
    EvaluationReport,
    | "level"
    | "operatingPoint"
    | "confidence"
    | "caseCount"
    | "malignantCount"
    | "benignCount"
    | "subjectCount"
    | "confusion"
    | "metrics"
  >;

export function toMetricRow({ report, ...row }: EvaluationRow): MetricRow {
  return {
    ...row,
    level: report.level,
    operatingPoint: report.operatingPoint,
    confidence: report.confidence,
    caseCount: report.caseCount,
    malignantCount: report.malignantCount,
    benignCount: report.benignCount,
    subjectCount: report.subjectCount,
    confusion: report.confusion,
    metrics: report.metrics,
  };
}
