import { ChartTable } from "../../charts/chart-table.tsx";
import { QuantilePlot } from "../../charts/quantile-plot.tsx";
import { EmptyState } from "../../components/empty-state.tsx";
import { count, decimal } from "../../components/format.ts";
import { Panel, Section } from "../../components/page-header.tsx";
import {
  conditionLabels,
  isUndefined,
  seriesColours,
  type SectionProps,
} from "./reader-study-results-words.ts";

const seconds = (milliseconds: number) => milliseconds / 1_000;
const inSeconds = (milliseconds: number) => decimal(seconds(milliseconds), 0);

export function TimesSection({ analysis, nameOf }: SectionProps) {
  const { times } = analysis;
  return (
    <Section
      title="Reading times"
      lead="Seconds per case. In a sequential study the aided time comes on top of the unaided one. Line: 10th to 90th percentile, box: quartiles, in it the median with its 95% interval over patients."
    >
      {isUndefined(times) ? (
        <EmptyState title="No times">{times.undefined}</EmptyState>
      ) : (
        <Panel>
          <QuantilePlot
            title="Reading times by reader and condition"
            xLabel="Seconds per case"
            format={(value) => decimal(value, 0)}
            rows={times.map(({ condition, medianInterval, reader, ...row }) => ({
              key: `${reader} ${condition}`,
              label: `${nameOf(reader)}, ${conditionLabels[condition].toLowerCase()}`,
              detail:
                "undefined" in medianInterval
                  ? ""
                  : `[${inSeconds(medianInterval.lower)}, ${inSeconds(medianInterval.upper)}]`,
              colour: seriesColours[condition],
              count: row.count,
              p10: seconds(row.p10),
              p25: seconds(row.p25),
              median: seconds(row.median),
              p75: seconds(row.p75),
              p90: seconds(row.p90),
            }))}
          />
          <ChartTable
            label="Reading times in seconds"
            head={["Reader", "Condition", "Readings", "10%", "25%", "Median", "75%", "90%"]}
            rows={times.map((row) => ({
              key: `${row.reader} ${row.condition}`,
              cells: [
                nameOf(row.reader),
                conditionLabels[row.condition],
                count(row.count),
                ...[row.p10, row.p25, row.median, row.p75, row.p90].map((value) =>
                  decimal(seconds(value), 1),
                ),
              ],
            }))}
          />
        </Panel>
      )}
    </Section>
  );
}
