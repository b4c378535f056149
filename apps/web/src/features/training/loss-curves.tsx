"use client";

import { LineChart, type LineSeries } from "../../charts/line-chart.tsx";
import { Panel, Section } from "../../components/page-header.tsx";
import { siteColour } from "../../components/site-name.tsx";
import type { Run } from "./run-view.tsx";

type CurvePoint = NonNullable<Run["rounds"][number]["updates"][number]["progress"]>["curve"][number];

/** Epochs are counted on over rounds, so that one line shows a site's whole way. */
export function LossCurves(props: { run: Run }) {
  const training = seriesOf(props.run, (point) => point.trainLoss);
  const tuning = seriesOf(props.run, (point) => point.tuningLoss);
  if (training.length === 0) return null;
  const { localEpochs } = props.run.plan;
  const xLabel = localEpochs === 1 ? "Epoch, one a round" : `Epoch, ${localEpochs} a round`;
  return (
    <Section
      title="Loss per site"
      lead="Cross-entropy. Training loss is measured on balanced, augmented batches."
    >
      <div className="grid grid-cols-1 gap-4 xl:grid-cols-2">
        <Panel>
          <LineChart
            title="Training loss per site"
            xLabel={xLabel}
            yLabel="Training loss, nats"
            series={training}
          />
        </Panel>
        {tuning.length === 0 ? null : (
          <Panel>
            <LineChart
              title="Tuning loss per site"
              xLabel={xLabel}
              yLabel="Tuning loss, nats"
              series={tuning}
            />
          </Panel>
        )}
      </div>
    </Section>
  );
}

function seriesOf(run: Run, quantity: (point: CurvePoint) => number | null): LineSeries[] {
  return run.sites
    .map((site) => ({
      key: site.siteId,
      label: site.name,
      colour: siteColour(site.colourIndex),
      points: run.rounds.flatMap((round) =>
        round.updates
          .filter((update) => update.siteId === site.siteId)
          .flatMap((update) => update.progress?.curve ?? [])
          .flatMap((point) => {
            const y = quantity(point);
            return y === null ? [] : [{ x: (round.number - 1) * run.plan.localEpochs + point.epoch, y }];
          }),
      ),
    }))
    .filter((series) => series.points.length > 0);
}
