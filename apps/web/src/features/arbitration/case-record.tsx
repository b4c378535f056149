"use client";

import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { Badge } from "../../components/badge.tsx";
import { BackLink } from "../../components/back-link.tsx";
import { buttonLook } from "../../components/button.tsx";
import { dateTime, duration } from "../../components/format.ts";
import { PageHeader, Section } from "../../components/page-header.tsx";
import { QueryView } from "../../components/query-view.tsx";
import { SiteName } from "../../components/site-name.tsx";
import { Cell, Head, Row, Table } from "../../components/table.tsx";
import { useTRPC, type Outputs } from "../../trpc/client.ts";
import { markKindNames } from "../reading/mark-details.tsx";
import { ConsensusForm } from "./consensus-form.tsx";
import { breastNames, kindNames } from "./discordance-words.ts";

type Recorded = Outputs["arbitration"]["record"];
type Answers = Recorded["readings"][number]["answers"];

/** One case of a study, side by side: every reading as it was locked, the arbitration and what became of it. */
export function CaseRecord(props: { readerStudyId: string; caseId: string }) {
  const query = useQuery(useTRPC().arbitration.record.queryOptions(props, { retry: false }));
  return (
    <>
      <BackLink href={`/reader-studies/${props.readerStudyId}`}>Reader study</BackLink>
      {query.data === undefined ? <PageHeader title="Case of a reader study" /> : null}
      <QueryView query={query} rows={8}>
        {(record) => <Sections record={record} />}
      </QueryView>
    </>
  );
}

function Sections(props: { record: Recorded }) {
  const { record } = props;
  return (
    <>
      <PageHeader
        title={`Case ${record.caseLabel}`}
        lead={
          <span className="flex flex-wrap items-center gap-x-3">
            {record.readerStudyName} <SiteName site={record.site} />
          </span>
        }
        actions={
          <Link href={`/studies/${record.studyId}`} className={buttonLook()}>
            Images and labels
          </Link>
        }
        showsResults
      />
      <Section title="What disagreed">
        <ul className="flex flex-col gap-1.5 text-sm">
          {record.breasts.flatMap(({ discordances, laterality }) =>
            discordances.map(({ kind, statement }) => (
              <li key={`${laterality} ${kind}`} className="flex flex-wrap items-baseline gap-2">
                <span className="w-10 text-slate-600">{breastNames[laterality]}</span>
                <Badge>{kindNames[kind]}</Badge>
                {statement}
              </li>
            )),
          )}
        </ul>
        {record.breasts.every(({ discordances }) => discordances.length === 0) ? (
          <p className="text-sm text-slate-600">
            {record.isControl
              ? "Nothing: this case is a control, mixed in by lot."
              : record.arbitration === null
                ? "Nothing is on record: the case is not in arbitration."
                : "Nothing."}
          </p>
        ) : null}
      </Section>
      <Section title="Readings and decision" lead="As they were locked. An arbitration changes none of them.">
        <RecordTable record={record} />
        <DecisionMarks record={record} />
      </Section>
      <Section
        title="Consensus as reference standard"
        lead="What readers settle may be put in force, breast by breast."
      >
        <div className="grid gap-4 xl:grid-cols-2">
          {record.breasts.map((breast) => (
            <ConsensusForm
              key={`${breast.laterality} ${record.labelVersion}`}
              record={record}
              breast={breast}
            />
          ))}
        </div>
      </Section>
    </>
  );
}

interface Column {
  readonly key: string;
  readonly name: string;
  readonly step: string;
  readonly at: Date | null;
  readonly durationMs: number;
  readonly answers: Answers;
  readonly isDecision: boolean;
}

function columnsOf({ arbitration, readings }: Recorded): Column[] {
  const decided = arbitration?.decided ?? null;
  return [
    ...readings.map((reading) => ({
      key: reading.readingId,
      name: reading.readerName,
      step: reading.condition === "aided" ? "with aid" : "unaided",
      at: reading.lockedAt,
      durationMs: reading.durationMs,
      answers: reading.answers,
      isDecision: false,
    })),
    ...(arbitration?.superseded ?? []).flatMap(({ arbitratorName, reading }, index) =>
      reading === null
        ? []
        : [
            {
              key: `superseded ${index}`,
              name: arbitratorName,
              step: "own reading, handed over",
              at: reading.lockedAt,
              durationMs: reading.durationMs,
              answers: reading.answers,
              isDecision: false,
            },
          ],
    ),
    ...(arbitration === null || decided === null
      ? []
      : (["independent", "decision"] as const).map((step) => ({
          key: step,
          name: arbitration.arbitratorName,
          step: step === "independent" ? "own reading" : "decision",
          at: step === "decision" ? decided.at : null,
          durationMs: decided[step].durationMs,
          answers: decided[step].answers,
          isDecision: step === "decision",
        }))),
  ];
}

const rows: readonly (readonly [string, (answers: Answers) => string | number | null])[] = [
  ["Right BI-RADS", ({ breasts }) => breasts.R.birads],
  ["Right suspicion", ({ breasts }) => breasts.R.suspicion],
  ["Left BI-RADS", ({ breasts }) => breasts.L.birads],
  ["Left suspicion", ({ breasts }) => breasts.L.suspicion],
  ["Density", ({ density }) => density],
  ["Marks", ({ marks }) => marks.length],
  ["Comment", ({ comment }) => (comment === "" ? null : comment)],
];

function RecordTable(props: { record: Recorded }) {
  const columns = columnsOf(props.record);
  const { arbitration } = props.record;
  const look = (column: Column) => (column.isDecision ? "bg-accent-100/60 font-semibold" : "");
  return (
    <>
      <Table label="Readings and decision">
        <thead>
          <tr>
            <Head>
              <span className="sr-only">Answer</span>
            </Head>
            {columns.map((column) => (
              <Head key={column.key} isNumeric>
                <span className="block text-slate-900">{column.name}</span>
                <span className="block font-normal">{column.step}</span>
              </Head>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(([name, valueOf]) => (
            <Row key={name}>
              <Cell className="whitespace-nowrap text-slate-600">{name}</Cell>
              {columns.map((column) => (
                <Cell key={column.key} isNumeric className={look(column)}>
                  {valueOf(column.answers) ?? "–"}
                </Cell>
              ))}
            </Row>
          ))}
          <Row>
            <Cell className="text-slate-600">Time</Cell>
            {columns.map((column) => (
              <Cell key={column.key} isNumeric className={look(column)}>
                {duration(column.durationMs)}
              </Cell>
            ))}
          </Row>
          <Row>
            <Cell className="text-slate-600">Locked</Cell>
            {columns.map((column) => (
              <Cell key={column.key} isNumeric className={`text-xs ${look(column)}`}>
                {column.at === null ? "before the decision" : dateTime(column.at)}
              </Cell>
            ))}
          </Row>
        </tbody>
      </Table>
      {arbitration === null || arbitration.superseded.length === 0 ? null : (
        <ul aria-label="Handed over" className="mt-2 flex flex-col gap-0.5 text-sm text-slate-700">
          {arbitration.superseded.map(({ arbitratorName, reason, supersededAt }, index) => (
            <li key={index}>
              Handed over by {arbitratorName} on {dateTime(supersededAt)}, after a reading of their own was
              locked: {reason}. That reading is kept and counts for nothing; whoever came after saw nothing of
              it.
            </li>
          ))}
        </ul>
      )}
      {arbitration !== null && arbitration.decided === null ? (
        <p className="mt-2 text-sm text-slate-600">
          In arbitration by {arbitration.arbitratorName}, not decided yet: nothing of it is shown before.
        </p>
      ) : null}
    </>
  );
}

const originTexts = { kept: "kept from", changed: "changed from", drawn: "drawn by the arbitrator" } as const;

function DecisionMarks(props: { record: Recorded }) {
  const decided = props.record.arbitration?.decided;
  if (decided === undefined || decided === null || decided.decision.answers.marks.length === 0) return null;
  return (
    <ul aria-label="Marks of the decision" className="mt-2 flex flex-col gap-0.5 text-sm">
      {decided.decision.answers.marks.map((mark) => {
        const origin = decided.markOrigins.find(({ markId }) => markId === mark.markId);
        return (
          <li key={mark.markId}>
            <span className="text-slate-600">
              Mark on{" "}
              {props.record.images.find(({ instanceId }) => instanceId === mark.instanceId)?.name ??
                "an image"}
              :
            </span>{" "}
            {markKindNames[mark.kind].toLowerCase()},{" "}
            {origin === undefined
              ? ""
              : `${originTexts[origin.origin]}${origin.readerName === null ? "" : ` ${origin.readerName}`}`}
          </li>
        );
      })}
    </ul>
  );
}
