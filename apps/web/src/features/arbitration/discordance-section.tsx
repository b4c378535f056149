"use client";

import {
  defaultDiscordanceThresholds,
  discordanceKindSchema,
  type DiscordanceKind,
} from "@crossread/contracts/discordance";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useSearchParams } from "next/navigation";
import { useState } from "react";
import { Button } from "../../components/button.tsx";
import { EmptyState } from "../../components/empty-state.tsx";
import { Stat } from "../../components/estimate.tsx";
import { Select } from "../../components/form-field.tsx";
import { count, dateTime, decimal, duration } from "../../components/format.ts";
import { Panel, Section } from "../../components/page-header.tsx";
import { Pager } from "../../components/pager.tsx";
import { QueryView } from "../../components/query-view.tsx";
import { Cell, Head, Row, Table } from "../../components/table.tsx";
import { useTRPC, type Outputs } from "../../trpc/client.ts";
import { useIsOverseer, useIsPlatformAdmin } from "../shell/use-actor.ts";
import { DiscordanceRulesForm, type RulesChoice } from "./discordance-rules-form.tsx";
import { DiscordanceTable } from "./discordance-table.tsx";
import { HandoverDialog } from "./handover-dialog.tsx";
import { kindNames, kindOrder } from "./discordance-words.ts";
import { OpenArbitrationDialog } from "./open-arbitration-dialog.tsx";
import { SettledSection } from "./settled-section.tsx";

type Discordances = Outputs["arbitration"]["discordances"];

/** What disagreed in a closed reader study, its arbitration and what came of it; for those who oversee the platform. */
export function DiscordanceSection(props: { readerStudyId: string }) {
  return useIsOverseer() ? <Discordances readerStudyId={props.readerStudyId} /> : null;
}

/** Until somebody chooses, the checkpoint before the study's is the earlier one. */
type RulesInHand = Omit<RulesChoice, "earlierCheckpointId"> & {
  readonly earlierCheckpointId: string | null | undefined;
};

const initialRules: RulesInHand = {
  kinds: [...kindOrder],
  thresholds: defaultDiscordanceThresholds,
  earlierCheckpointId: undefined,
};

function Discordances(props: { readerStudyId: string }) {
  const { readerStudyId } = props;
  const trpc = useTRPC();
  const isAdmin = useIsPlatformAdmin();
  const parameters = useSearchParams();
  const [inHand, setInHand] = useState(initialRules);
  const [offset, setOffset] = useState(0);
  const [isOpening, setIsOpening] = useState(false);
  const kind = discordanceKindSchema.safeParse(parameters.get("discordance")).data;
  const siteId = parameters.get("discordanceSite") ?? undefined;
  const choices = useQuery(trpc.arbitration.choices.queryOptions({ readerStudyId }, { enabled: isAdmin }));
  const [before] = choices.data?.decision.earlier ?? [];
  const rules: RulesChoice = {
    ...inHand,
    earlierCheckpointId:
      inHand.earlierCheckpointId === undefined ? (before?.checkpointId ?? null) : inHand.earlierCheckpointId,
  };
  const query = useQuery(
    trpc.arbitration.discordances.queryOptions(
      { readerStudyId, rules, kind, siteId, offset },
      { placeholderData: keepPreviousData, retry: false },
    ),
  );
  const choose = (name: string, value: string) => {
    const next = new URLSearchParams(parameters);
    if (value === "") next.delete(name);
    else next.set(name, value);
    setOffset(0);
    window.history.replaceState(null, "", `?${next.toString()}`);
  };
  const isNotClosed = query.error?.data?.code === "CONFLICT";
  if (isNotClosed) {
    return (
      <Section title="Discordances">
        <EmptyState title="Not yet">
          Discordances are looked for once the study is closed: before, readers could learn of each other.
        </EmptyState>
      </Section>
    );
  }
  return (
    <>
      <Section
        title="Discordances"
        lead="A breast is listed where readers, reference standard or model disagree. Readings are the final ones: with the aid where there was one."
        actions={
          isAdmin && query.data !== undefined ? (
            <Button
              emphasis={query.data.queue === null ? "primary" : "secondary"}
              disabled={query.data.queue === null && query.data.discordantCaseCount === 0}
              onClick={() => setIsOpening(true)}
            >
              {query.data.queue === null ? "Open arbitration…" : "Add what is new…"}
            </Button>
          ) : null
        }
      >
        <QueryView query={query} rows={6}>
          {(data) => (
            <div className="flex flex-col gap-3">
              {data.queue === null ? (
                <DiscordanceRulesForm
                  rules={rules}
                  decision={choices.data?.decision}
                  threshold={data.rules.model?.threshold ?? null}
                  onChange={(next) => {
                    setInHand(next);
                    setOffset(0);
                  }}
                />
              ) : (
                <QueueSummary readerStudyId={readerStudyId} data={data} queue={data.queue} />
              )}
              <Filters
                data={data}
                kind={kind}
                siteId={siteId}
                onKind={(value) => choose("discordance", value)}
                onSite={(value) => choose("discordanceSite", value)}
              />
              {data.rows.length === 0 ? (
                <EmptyState title="No discordance">
                  {data.discordantBreastCount === 0
                    ? `Nothing disagrees in ${count(data.caseCount)} cases by these rules.`
                    : "None of this kind at this site."}
                </EmptyState>
              ) : (
                <DiscordanceTable readerStudyId={readerStudyId} rows={data.rows} sites={data.countsBySite} />
              )}
              <Pager
                offset={offset}
                pageSize={data.pageSize}
                shownCount={data.rows.length}
                totalCount={data.totalCount}
                onMove={setOffset}
              />
              {data.hiddenCaseCount === 0 ? null : (
                <p className="text-xs text-slate-600">
                  {count(data.hiddenCaseCount)} cases that you still have to read or arbitrate yourself are
                  neither listed nor counted.
                </p>
              )}
            </div>
          )}
        </QueryView>
      </Section>
      {query.data === undefined ? null : (
        <SettledSection readerStudyId={readerStudyId} sites={query.data.countsBySite} />
      )}
      {isOpening && query.data !== undefined && choices.data !== undefined ? (
        <OpenArbitrationDialog
          readerStudyId={readerStudyId}
          found={query.data}
          choices={choices.data}
          onClose={() => setIsOpening(false)}
        />
      ) : null}
    </>
  );
}

function Filters(props: {
  data: Discordances;
  kind: DiscordanceKind | undefined;
  siteId: string | undefined;
  onKind: (kind: string) => void;
  onSite: (siteId: string) => void;
}) {
  const { data, kind } = props;
  const look = (isChosen: boolean) =>
    `inline-flex h-8 items-center gap-1.5 rounded-md border px-2.5 text-sm ${isChosen ? "border-accent-700 bg-accent-100 font-medium text-accent-800" : "border-slate-300 bg-white text-slate-700 hover:bg-slate-100"}`;
  return (
    <div className="flex flex-wrap items-center gap-2">
      <div role="group" aria-label="Kind of discordance" className="flex flex-wrap gap-2">
        <button
          type="button"
          aria-pressed={kind === undefined}
          className={look(kind === undefined)}
          onClick={() => props.onKind("")}
        >
          All kinds
        </button>
        {kindOrder
          .filter((each) => data.rules.kinds.includes(each))
          .map((each) => (
            <button
              key={each}
              type="button"
              aria-pressed={kind === each}
              className={look(kind === each)}
              onClick={() => props.onKind(kind === each ? "" : each)}
            >
              {kindNames[each]}
              <span className="tabular-nums opacity-80">{count(data.countsByKind[each])}</span>
            </button>
          ))}
      </div>
      <Select
        aria-label="Site"
        className="w-auto"
        value={props.siteId ?? ""}
        onChange={(event) => props.onSite(event.target.value)}
      >
        <option value="">All sites</option>
        {data.countsBySite.map((site) => (
          <option key={site.siteId} value={site.siteId}>
            {site.name} ({count(site.count)})
          </option>
        ))}
      </Select>
      <p className="ml-auto text-sm text-slate-600">
        {count(data.discordantBreastCount)} of {count(data.breastCount)} breasts,{" "}
        {count(data.discordantCaseCount)} of {count(data.caseCount)} cases
      </p>
    </div>
  );
}

function QueueSummary(props: {
  readerStudyId: string;
  data: Discordances;
  queue: NonNullable<Discordances["queue"]>;
}) {
  const { queue } = props;
  const isAdmin = useIsPlatformAdmin();
  const [leaving, setLeaving] = useState<(typeof queue.arbitrators)[number] | null>(null);
  const { biradsSteps, suspicionPoints } = props.data.rules.thresholds;
  return (
    <Panel className="grid gap-4 lg:grid-cols-2">
      <dl className="grid grid-cols-2 content-start gap-x-8 gap-y-3">
        <Stat label="In arbitration" value={`${count(queue.caseCount)} cases`} />
        <Stat label="Decided" value={`${count(queue.decidedCount)} of ${count(queue.caseCount)}`} />
        <Stat
          label="Of these controls"
          value={count(queue.controlCount)}
          detail="nothing disagrees, drawn by lot"
        />
        <Stat
          label="Opened"
          value={dateTime(queue.openedAt)}
          detail={`by ${queue.openedByName ?? "unknown"}, seed ${queue.seed}`}
        />
        <div className="col-span-2 text-xs text-slate-600">
          <dt className="inline">By these rules:</dt>{" "}
          <dd className="inline">
            {props.data.rules.kinds.map((kind) => kindNames[kind]).join(", ")};{" "}
            {biradsSteps === null ? "BI-RADS not compared" : `BI-RADS ${biradsSteps} steps apart`},{" "}
            {suspicionPoints === null
              ? "suspicion not compared"
              : `suspicion ${suspicionPoints} points apart`}
            {props.data.rules.model === null
              ? ""
              : `, model at ${decimal(props.data.rules.model.threshold, 3)}`}
            .
          </dd>
        </div>
      </dl>
      <Table label="Progress of the arbitrators">
        <thead>
          <tr>
            <Head>Arbitrator</Head>
            <Head isNumeric>Decided</Head>
            <Head isNumeric>Median per case</Head>
            {isAdmin ? (
              <Head>
                <span className="sr-only">Action</span>
              </Head>
            ) : null}
          </tr>
        </thead>
        <tbody>
          {queue.arbitrators.map((arbitrator, index) => (
            <Row key={index}>
              <Cell>{arbitrator.name}</Cell>
              <Cell isNumeric>
                {count(arbitrator.decidedCount)} of {count(arbitrator.caseCount)}
                {arbitrator.supersededCount === 0 ? null : (
                  <span className="block text-xs text-slate-600">
                    {count(arbitrator.supersededCount)} handed over after the lock
                  </span>
                )}
              </Cell>
              <Cell isNumeric>
                {arbitrator.medianDurationMs === null ? "–" : duration(arbitrator.medianDurationMs)}
              </Cell>
              {isAdmin ? (
                <Cell className="text-right">
                  {arbitrator.decidedCount === arbitrator.caseCount ? null : (
                    <Button emphasis="quiet" onClick={() => setLeaving(arbitrator)}>
                      Hand over…
                    </Button>
                  )}
                </Cell>
              ) : null}
            </Row>
          ))}
        </tbody>
      </Table>
      {leaving === null ? null : (
        <HandoverDialog readerStudyId={props.readerStudyId} from={leaving} onClose={() => setLeaving(null)} />
      )}
    </Panel>
  );
}
