"use client";

import { splitSchema } from "@crossread/contracts/split";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { useRouter, useSearchParams } from "next/navigation";
import { EmptyState } from "../../components/empty-state.tsx";
import { Select } from "../../components/form-field.tsx";
import { count } from "../../components/format.ts";
import { PageHeader, Section } from "../../components/page-header.tsx";
import { QueryView } from "../../components/query-view.tsx";
import { useTRPC } from "../../trpc/client.ts";
import { contaminationText } from "../cohorts/contamination-text.ts";
import { levelLabels, splitLabels } from "../metrics/metric-name.ts";
import { useSites } from "../metrics/use-sites.ts";
import { BoardTable, type BoardRow } from "./board-table.tsx";
import { useBoardChoice } from "./board-choice.ts";

const tieText =
  "Rows of one group cannot be told apart from its first row: the interval of their difference includes zero.";

export function Leaderboards() {
  return (
    <>
      <PageHeader
        title="Leaderboards"
        lead="DIP is one minus the distance to perfect precision and sensitivity. Read the intervals before the ranks."
        showsResults
      />
      <ModelBoard />
      <SiteBoard />
    </>
  );
}

function ModelBoard() {
  const choice = useBoardChoice();
  const query = useQuery(
    useTRPC().leaderboards.models.queryOptions(choice, { placeholderData: keepPreviousData }),
  );
  const { nameOf } = useSites();
  return (
    <QueryView query={query} rows={6}>
      {({ boards, board, refusal }) => {
        if (refusal !== null) {
          return (
            <Section
              title="Models"
              actions={<BoardSelect boards={boards} current={`${refusal.cohortId} ${refusal.split}`} />}
            >
              <EmptyState
                title="This cohort is not ranked"
                action={
                  <Link href={`/cohorts/${refusal.cohortId}`} className="text-accent-700 hover:underline">
                    Show its pairs
                  </Link>
                }
              >
                {contaminationText(refusal)} Results over copies are too good.
              </EmptyState>
            </Section>
          );
        }
        if (board === null) {
          return (
            <Section title="Models">
              <EmptyState title="Nothing has been evaluated yet">
                The board opens with the first checkpoint that is evaluated on a test split.
              </EmptyState>
            </Section>
          );
        }
        const level = board.rows[0]?.level ?? "breast";
        return (
          <Section
            title="Models"
            lead={`Results ${levelLabels[level]}, pooled over sites; all on the same cases, at least ${board.minimumCaseCount}. ${board.totalCount > board.rows.length ? `The ${count(board.rows.length)} largest of ${count(board.totalCount)}. ` : ""}${tieText}`}
            actions={<BoardSelect boards={boards} current={`${board.cohortId} ${board.split}`} />}
          >
            <BoardTable
              label="Models by DIP"
              nameLabel="Model"
              ranked={board.ranked}
              unranked={board.unranked}
              rows={board.rows.map((row): BoardRow => ({
                id: row.evaluationId,
                name: row.checkpointName,
                detail: row.siteId === null ? (row.runName ?? "") : nameOf(row.siteId),
                href: `/models/${row.checkpointId}`,
                colour: "#13766c",
                metricRow: row,
              }))}
              baselines={board.baselines}
            />
          </Section>
        );
      }}
    </QueryView>
  );
}

function BoardSelect(props: {
  boards: readonly { cohortId: string; name: string; split: keyof typeof splitLabels }[];
  current: string;
}) {
  const router = useRouter();
  const search = useSearchParams();
  return (
    <Select
      aria-label="Cohort and split"
      className="w-72"
      value={props.current}
      onChange={(event) => {
        const [cohortId = "", split = ""] = event.target.value.split(" ");
        const next = new URLSearchParams(search);
        next.set("cohort", cohortId);
        next.set("split", splitSchema.parse(split));
        router.push(`/leaderboards?${next}`);
      }}
    >
      {props.boards.map((board) => (
        <option key={`${board.cohortId} ${board.split}`} value={`${board.cohortId} ${board.split}`}>
          {board.name}, {splitLabels[board.split].toLowerCase()}
        </option>
      ))}
    </Select>
  );
}

function SiteBoard() {
  const query = useQuery(useTRPC().leaderboards.sites.queryOptions(null));
  const sites = useSites();
  return (
    <QueryView query={query} rows={4}>
      {(board) => {
        const [first] = board?.rows ?? [];
        if (board === null || first === undefined) return null;
        return (
          <Section
            title="Sites"
            lead={`${first.checkpointName}, the newest evaluated model, at each site; ${levelLabels[first.level]}. Sites have different cases: a rank compares their results, not the sites. ${tieText}`}
          >
            <BoardTable
              label="Sites by DIP"
              nameLabel="Site"
              ranked={board.ranked}
              unranked={board.unranked}
              rows={board.rows.map((row): BoardRow => ({
                id: row.evaluationId,
                name: sites.nameOf(row.siteId),
                detail: "",
                href: null,
                colour: sites.colourOf(row.siteId),
                metricRow: row,
              }))}
              baselines={[]}
            />
          </Section>
        );
      }}
    </QueryView>
  );
}
