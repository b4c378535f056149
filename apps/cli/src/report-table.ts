import type { EvaluationReport, ReportMetricName } from "@crossread/metrics/evaluation-report";
import { isDefined } from "@crossread/metrics/estimate";
import { formatTable } from "./output.ts";

const columns: readonly (readonly [ReportMetricName, string])[] = [
  ["auc", "AUC"],
  ["sensitivity", "Sensitivity (recall)"],
  ["specificity", "Specificity"],
  ["precision", "Precision"],
  ["f1", "F1"],
  ["dip", "DIP"],
];

/** One row a site: n, malignant and the clinical metrics, each with its interval. */
export function reportTable(rows: readonly { name: string; report: EvaluationReport }[]): string {
  return formatTable(
    ["Site", "n", "Malignant", ...columns.map(([, title]) => title)],
    rows.map(({ name, report }) => [
      name,
      String(report.caseCount),
      String(report.malignantCount),
      ...columns.map(([metric]) => formatEstimate(report.metrics[metric])),
    ]),
  );
}

function formatEstimate(estimate: EvaluationReport["metrics"][ReportMetricName]): string {
  if (!isDefined(estimate)) return "undefined";
  const { value, lower, upper } = estimate;
  return `${value.toFixed(3)} (${lower.toFixed(3)}–${upper.toFixed(3)})`;
}

/** The paper's word beside the clinical one, for readers of the JSON. */
export const withRecall = (report: EvaluationReport) => ({
  ...report,
  metrics: { ...report.metrics, recall: report.metrics.sensitivity },
});
