"use client";

import type { ReportMetricName } from "@crossread/contracts/evaluation-report";
import { CalibrationChart } from "../../charts/calibration-chart.tsx";
import { RocChart } from "../../charts/roc-chart.tsx";
import { EmptyState } from "../../components/empty-state.tsx";
import { count, decimal } from "../../components/format.ts";
import { Panel, Section } from "../../components/page-header.tsx";
import { toMetricRow } from "../../server/metric-row.ts";
import { MetricTable } from "../metrics/metric-table.tsx";
import { metricLabels, unitLabels } from "../metrics/metric-name.ts";
import { SiteIntervalPlot } from "../metrics/site-interval-plot.tsx";
import { useSites } from "../metrics/use-sites.ts";
import { ConfusionTable } from "./confusion-table.tsx";
import type { ValidationRound } from "./round-view.tsx";

type Evaluation = ValidationRound["evaluations"][number];

export function CheckpointResults(props: {
  checkpoint: { name: string };
  primaryMetric: ReportMetricName;
  evaluations: readonly Evaluation[];
}) {
  const sites = useSites();
  const evaluations = sites.sorted(props.evaluations);
  const rows = evaluations.map(toMetricRow);
  const pooled = evaluations.find((one) => one.siteId === null) ?? evaluations[0];
  if (pooled === undefined) {
    return (
      <Section title={props.checkpoint.name}>
        <EmptyState title="Not evaluated yet" />
      </Section>
    );
  }
  const { report } = pooled;
  return (
    <>
      <Section
        title={`${props.checkpoint.name}: ${metricLabels[props.primaryMetric]} at every site`}
        lead={`${count(report.caseCount)} ${unitLabels[report.level].toLowerCase()}, ${report.malignantCount} malignant, of ${report.subjectCount} patients.${report.leftOutCount === 0 ? "" : ` ${report.leftOutCount} more left out: their reference standard comes from readers who saw a model’s aid.`} Threshold ${decimal(report.threshold, 3)}, chosen on ${report.operatingPoint.chosenOn === "tuning" ? "the tuning split" : "nothing: it was fixed"}.`}
      >
        <Panel className="mb-4">
          <SiteIntervalPlot metric={props.primaryMetric} rows={rows} />
        </Panel>
        <MetricTable label={`Metrics of ${props.checkpoint.name} per site`} rows={rows} />
      </Section>
      <div className="mb-6 grid grid-cols-1 gap-4 lg:grid-cols-2">
        <Panel>
          <h3 className="mb-2 text-sm font-semibold">ROC</h3>
          <RocChart
            title={`ROC curves of ${props.checkpoint.name}`}
            series={evaluations
              .filter((one) => one.report.roc.length > 0)
              .map((one) => ({
                key: one.evaluationId,
                label: sites.nameOf(one.siteId),
                colour: sites.colourOf(one.siteId),
                malignantCount: one.report.malignantCount,
                benignCount: one.report.benignCount,
                points: one.report.roc,
                operatingPoint: operatingPointOf(one),
              }))}
          />
        </Panel>
        <Panel>
          <h3 className="mb-2 text-sm font-semibold">Calibration, pooled</h3>
          {"undefined" in report.calibration ? (
            <p className="text-sm text-slate-600">{report.calibration.undefined}</p>
          ) : (
            <>
              <CalibrationChart
                title={`Calibration of ${props.checkpoint.name}`}
                bins={report.calibration.bins}
              />
              <p className="mt-2 text-xs text-slate-600">
                {"value" in report.calibration.brier
                  ? `Brier score ${decimal(report.calibration.brier.value, 3)} [${decimal(report.calibration.brier.lower, 3)}, ${decimal(report.calibration.brier.upper, 3)}]`
                  : report.calibration.brier.undefined}
                {"value" in report.calibration.expectedCalibrationError
                  ? `, expected calibration error ${decimal(report.calibration.expectedCalibrationError.value, 3)}`
                  : ""}
              </p>
            </>
          )}
        </Panel>
        <Panel className="lg:col-span-2">
          <h3 className="mb-2 text-sm font-semibold">At the operating point</h3>
          <div className="grid grid-cols-1 gap-x-8 gap-y-4 lg:grid-cols-2 2xl:grid-cols-4">
            {evaluations.map((one) => (
              <ConfusionTable
                key={one.evaluationId}
                title={sites.nameOf(one.siteId)}
                confusion={one.report.confusion}
              />
            ))}
          </div>
        </Panel>
      </div>
    </>
  );
}

function operatingPointOf(evaluation: Evaluation) {
  const { sensitivity, specificity } = evaluation.report.metrics;
  return "value" in sensitivity && "value" in specificity
    ? { truePositiveRate: sensitivity.value, falsePositiveRate: 1 - specificity.value }
    : null;
}
