"use client";

import { useState } from "react";
import { Badge, type Tone } from "../../components/badge.tsx";
import { bytes, count } from "../../components/format.ts";
import { Pager } from "../../components/pager.tsx";
import { Cell, Head, Row, Table } from "../../components/table.tsx";
import type { ServerOutcome } from "./use-outcomes.ts";
import { fileStates, type FileState, type UploadItem, type UploadSnapshot } from "./upload-state.ts";

const pageSize = 50;

const looks: Readonly<Record<FileState, { tone: Tone; label: string }>> = {
  waiting: { tone: "neutral", label: "waiting" },
  sending: { tone: "active", label: "sending" },
  sent: { tone: "done", label: "sent" },
  known: { tone: "done", label: "known already" },
  duplicate: { tone: "neutral", label: "duplicate" },
  held: { tone: "warning", label: "to decide" },
  skipped: { tone: "neutral", label: "left out" },
  refused: { tone: "failure", label: "not sent" },
  failed: { tone: "failure", label: "failed" },
};

const outcomeLooks: Readonly<Record<ServerOutcome["state"], { tone: Tone; label: string }>> = {
  receiving: { tone: "active", label: "sending" },
  staged: { tone: "neutral", label: "sent, being read" },
  accepted: { tone: "done", label: "accepted" },
  known: { tone: "done", label: "known already" },
  refused: { tone: "failure", label: "refused" },
  held: { tone: "warning", label: "held" },
};

/** Every file of the selection with its state; thousands of them a page at a time. */
export function FileList(props: {
  snapshot: UploadSnapshot;
  outcomes: ReadonlyMap<string, ServerOutcome>;
  onDecide: (item: UploadItem) => void;
}) {
  const { outcomes, snapshot } = props;
  const [state, setState] = useState<FileState>();
  const [offset, setOffset] = useState(0);
  const matching =
    state === undefined ? snapshot.items : snapshot.items.filter((item) => item.state === state);
  const start = offset < matching.length ? offset : 0;
  const shown = matching.slice(start, start + pageSize);
  const choose = (chosen: FileState | undefined) => {
    setState(chosen);
    setOffset(0);
  };
  return (
    <>
      <div role="group" aria-label="Show files by state" className="mb-2 flex flex-wrap gap-1">
        <Chip
          label="all"
          value={snapshot.items.length}
          isOn={state === undefined}
          onClick={() => choose(undefined)}
        />
        {fileStates
          .filter((one) => snapshot.counts[one] > 0 || one === state)
          .map((one) => (
            <Chip
              key={one}
              label={looks[one].label}
              value={snapshot.counts[one]}
              isOn={state === one}
              onClick={() => choose(one)}
            />
          ))}
      </div>
      <Table label="Files of this upload" maxHeight="26rem">
        <thead>
          <tr>
            <Head>File (name stays here)</Head>
            <Head isNumeric>Size</Head>
            <Head>State</Head>
            <Head>What there is to say</Head>
          </tr>
        </thead>
        <tbody>
          {shown.map((item) => {
            const outcome = item.sha256 === undefined ? undefined : outcomes.get(item.sha256);
            const hasArrived = item.state === "sent" && outcome !== undefined;
            const look = hasArrived ? outcomeLooks[outcome.state] : looks[item.state];
            return (
              <Row key={item.itemId}>
                {/* Cut at its beginning: the end of a path tells files apart. */}
                <Cell className="max-w-md truncate text-left" dir="rtl" title={item.path}>
                  <bdi>{item.path}</bdi>
                </Cell>
                <Cell isNumeric className="whitespace-nowrap">
                  {bytes(item.sizeBytes)}
                </Cell>
                <Cell>
                  <Badge tone={look.tone}>{look.label}</Badge>
                </Cell>
                <Cell className="max-w-md text-slate-600">
                  {hasArrived && outcome.message !== null ? outcome.message : item.note}
                  {item.state === "held" ? (
                    <button
                      type="button"
                      onClick={() => props.onDecide(item)}
                      className="ml-2 font-medium text-accent-700 underline"
                    >
                      Look
                    </button>
                  ) : null}
                </Cell>
              </Row>
            );
          })}
        </tbody>
      </Table>
      <Pager
        offset={start}
        pageSize={pageSize}
        shownCount={shown.length}
        totalCount={matching.length}
        onMove={setOffset}
      />
    </>
  );
}

function Chip(props: { label: string; value: number; isOn: boolean; onClick: () => void }) {
  return (
    <button
      type="button"
      aria-pressed={props.isOn}
      onClick={props.onClick}
      className="rounded-full border border-slate-300 bg-white px-2.5 py-0.5 text-xs text-slate-700 hover:bg-slate-100 aria-pressed:border-accent-700 aria-pressed:bg-accent-50 aria-pressed:text-accent-800"
    >
      {props.label} <span className="font-medium">{count(props.value)}</span>
    </button>
  );
}
