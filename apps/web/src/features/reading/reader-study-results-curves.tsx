import { ChartTable } from "../../charts/chart-table.tsx";
import { Legend } from "../../charts/legend.tsx";
import { ReaderRocChart, type ReaderRocSeries } from "../../charts/reader-roc-chart.tsx";
import { EmptyState } from "../../components/empty-state.tsx";
import { count, decimal } from "../../components/format.ts";
import { Panel, Section } from "../../components/page-header.tsx";
import { EstimateCell } from "../metrics/estimate-cell.tsx";
import {
  conditionLabels,
  isUndefined,
  seriesColours,
  type Analysis,
  type SectionProps,
} from "./reader-study-results-words.ts";

type Curve = Analysis["curves"][number];

export function CurvesSection({ analysis, nameOf }: SectionProps) {
  const { curves, model } = analysis;
  const readers = [...new Set(curves.map(({ reader }) => reader))].filter((reader) => reader !== null);
  const ofReader = (reader: number | null) => curves.filter((curve) => curve.reader === reader);
  const modelSeries: ReaderRocSeries[] = isUndefined(model)
    ? []
    : [
        {
          key: "model",
          label: `Model alone${"value" in model.auc ? `, AUC ${decimal(model.auc.value, 3)}` : ""}`,
          colour: seriesColours.model,
          isDashed: false,
          points: model.points,
          decision: model.operatingPoint,
          decisionShape: "diamond",
        },
      ];
  const pooled = ofReader(null).flatMap(toSeries);
  const [first] = ofReader(null).flatMap(({ result }) => (isUndefined(result) ? [] : [result]));
  return (
    <Section
      title="ROC curves"
      lead="Suspicion of the readers and score of the model over the same breasts. Marks: recall by BI-RADS 0, 4, 5, 6; the model at the operating point chosen on the tuning split."
    >
      {pooled.length === 0 && modelSeries.length === 0 ? (
        <EmptyState title="No curve">
          {reasonOf(ofReader(null)) ?? (isUndefined(model) ? model.undefined : "")}
        </EmptyState>
      ) : (
        <div className="grid gap-4 lg:grid-cols-[400px_minmax(0,1fr)]">
          <Panel>
            <h3 className="mb-1 text-sm font-semibold">All readers’ ratings together</h3>
            <ReaderRocChart
              title="ROC curves of all readers, aided and unaided, and of the model"
              series={[...pooled, ...modelSeries]}
              sizePx={300}
            />
            <div className="mt-2">
              <Legend
                items={[...pooled, ...modelSeries].map(({ colour, isDashed, key, label }) => ({
                  key,
                  label,
                  colour,
                  isDashed,
                }))}
              />
            </div>
            {first === undefined ? null : (
              <p className="mt-1 text-xs text-slate-600">
                n = {count(first.malignantCount + first.benignCount)} readings of breasts,{" "}
                {count(first.malignantCount)} malignant.
              </p>
            )}
            {isUndefined(model) ? (
              <p className="mt-1 text-xs text-slate-600">Model: {model.undefined}</p>
            ) : null}
          </Panel>
          <Panel>
            <h3 className="mb-2 text-sm font-semibold">Each reader</h3>
            <ul className="grid grid-cols-2 gap-3 xl:grid-cols-3 2xl:grid-cols-4">
              {readers.map((reader) => {
                const series = ofReader(reader).flatMap(toSeries);
                return (
                  <li key={reader} className="min-w-0 break-inside-avoid">
                    <p className="truncate text-xs font-medium" title={nameOf(reader)}>
                      {nameOf(reader)}
                    </p>
                    {series.length === 0 ? (
                      <p className="text-xs text-slate-600">{reasonOf(ofReader(reader))}</p>
                    ) : (
                      <ReaderRocChart
                        title={`ROC curves of ${nameOf(reader)}, aided and unaided`}
                        series={series}
                        sizePx={170}
                      />
                    )}
                  </li>
                );
              })}
            </ul>
          </Panel>
        </div>
      )}
      <ChartTable
        label="Areas and recall points"
        head={["Reader", "Condition", "AUC", "Sensitivity of recall", "Specificity of recall", "Breasts"]}
        rows={[
          ...curves.map(({ condition, reader, result }) => ({
            key: `${reader} ${condition}`,
            cells: isUndefined(result)
              ? [nameOf(reader), conditionLabels[condition], result.undefined, "–", "–", "–"]
              : [
                  nameOf(reader),
                  conditionLabels[condition],
                  <EstimateCell key="auc" estimate={result.auc} />,
                  decimal(result.recallPoint.truePositiveRate, 3),
                  decimal(1 - result.recallPoint.falsePositiveRate, 3),
                  count(result.malignantCount + result.benignCount),
                ],
          })),
          ...(isUndefined(model)
            ? []
            : [
                {
                  key: "model",
                  cells: [
                    "Model",
                    "–",
                    <EstimateCell key="auc" estimate={model.auc} />,
                    model.operatingPoint === null ? "–" : decimal(model.operatingPoint.truePositiveRate, 3),
                    model.operatingPoint === null
                      ? "–"
                      : decimal(1 - model.operatingPoint.falsePositiveRate, 3),
                    count(model.malignantCount + model.benignCount),
                  ],
                },
              ]),
        ]}
      />
    </Section>
  );
}

const toSeries = ({ condition, reader, result }: Curve): ReaderRocSeries[] =>
  isUndefined(result)
    ? []
    : [
        {
          key: `${reader} ${condition}`,
          label: `${conditionLabels[condition]}${"value" in result.auc ? `, AUC ${decimal(result.auc.value, 3)}` : ""}`,
          colour: seriesColours[condition],
          isDashed: condition === "unaided",
          points: result.points,
          decision: result.recallPoint,
          decisionShape: condition === "unaided" ? "square" : "circle",
        },
      ];

function reasonOf(curves: readonly Curve[]): string | undefined {
  const undefinedOne = curves.map(({ result }) => result).find(isUndefined);
  return undefinedOne?.undefined;
}
