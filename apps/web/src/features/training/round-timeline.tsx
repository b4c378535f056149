"use client";

import Link from "next/link";
import { decimal, duration, percent } from "../../components/format.ts";
import { ProgressBar } from "../../components/progress-bar.tsx";
import { SiteName, siteColour } from "../../components/site-name.tsx";
import { StateBadge } from "../../components/state-badge.tsx";
import { Cell, Head, Row, Table } from "../../components/table.tsx";
import type { Run } from "./run-view.tsx";

type Update = Run["rounds"][number]["updates"][number];

/** Sites down, rounds across; the newest rounds are at the right. */
export function RoundTimeline(props: { run: Run }) {
  const { rounds, sites, plan } = props.run;
  const numbers = Array.from({ length: plan.rounds }, (_, index) => index + 1);
  const isOver = ["cancelled", "completed", "failed"].includes(props.run.state);
  return (
    <Table label="Sites and rounds">
      <thead>
        <tr>
          <Head className="left-0 z-20">Site</Head>
          {numbers.map((number) => {
            const round = rounds.find((one) => one.number === number);
            return (
              <Head key={number} className="min-w-48">
                <span className="flex items-center justify-between gap-2">
                  <span>Round {number}</span>
                  <StateBadge state={round?.state ?? (isOver ? "not run" : "pending")} />
                </span>
              </Head>
            );
          })}
        </tr>
      </thead>
      <tbody>
        {sites.map((site) => (
          <Row key={site.siteId}>
            <Cell className="sticky left-0 bg-white align-top">
              <SiteName site={site} />
            </Cell>
            {numbers.map((number) => {
              const update = rounds
                .find((one) => one.number === number)
                ?.updates.find((one) => one.siteId === site.siteId);
              return (
                <Cell key={number} className="align-top">
                  {update === undefined ? (
                    <span className="text-slate-400">–</span>
                  ) : (
                    <UpdateCell update={update} site={site} />
                  )}
                </Cell>
              );
            })}
          </Row>
        ))}
        <Row className="bg-slate-50">
          <Cell className="sticky left-0 bg-slate-50 font-medium">Checkpoint</Cell>
          {numbers.map((number) => {
            const checkpointId = rounds.find((one) => one.number === number)?.resultCheckpointId ?? null;
            return (
              <Cell key={number}>
                {checkpointId === null ? (
                  <span className="text-slate-400">–</span>
                ) : (
                  <Link href={`/models/${checkpointId}`} className="text-accent-700 hover:underline">
                    Open
                  </Link>
                )}
              </Cell>
            );
          })}
        </Row>
      </tbody>
    </Table>
  );
}

function UpdateCell(props: { update: Update; site: { name: string; colourIndex: number } }) {
  const { update, site } = props;
  const { progress } = update;
  const isTraining = update.state === "training";
  return (
    <div className="flex flex-col gap-1">
      <StateBadge state={update.state} />
      {isTraining && progress !== null ? (
        <>
          <ProgressBar
            value={progress.steps === 0 ? 0 : progress.step / progress.steps}
            label={`${site.name}, training`}
            colour={siteColour(site.colourIndex)}
          />
          <span className="text-xs text-slate-600">
            {percent(progress.steps === 0 ? 0 : progress.step / progress.steps)}, epoch {progress.epoch} of{" "}
            {progress.epochs}
            {progress.secondsLeft === null ? "" : `, ${duration(progress.secondsLeft * 1_000)} left`}
          </span>
        </>
      ) : null}
      {update.exampleCount === null ? null : (
        <span className="text-xs text-slate-600">
          {update.exampleCount} examples
          {update.deltaNorm === null ? "" : `, step ${decimal(update.deltaNorm, 3)}`}
          {update.cosineToMean === null ? "" : `, cosine ${decimal(update.cosineToMean, 2)}`}
        </span>
      )}
      {update.refusalMessage === null ? null : (
        <span className="max-w-64 text-xs text-failure-ink">
          {update.refusalCode === null ? "" : `${update.refusalCode}: `}
          {update.refusalMessage}
        </span>
      )}
    </div>
  );
}
