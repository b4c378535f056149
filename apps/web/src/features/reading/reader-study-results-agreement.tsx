"use client";

import type { AgreementMeasure, PairMeasure } from "@crossread/contracts/reader-study-analysis";
import { useState } from "react";
import { Estimate } from "../../components/estimate.tsx";
import { EmptyState } from "../../components/empty-state.tsx";
import { count } from "../../components/format.ts";
import { Section } from "../../components/page-header.tsx";
import { Cell, Head, Row, Table } from "../../components/table.tsx";
import { UndefinedNotes } from "./reader-study-results-notes.tsx";
import { isUndefined, type SectionProps } from "./reader-study-results-words.ts";

const measureLabels: Record<AgreementMeasure, string> = {
  "suspicion-icc": "Suspicion: ICC(2,1), absolute agreement of single readers",
  "suspicion-alpha": "Suspicion: Krippendorff’s α, interval",
  "birads-alpha": "BI-RADS 1 to 6: Krippendorff’s α, ordinal",
  "birads-fleiss": "BI-RADS 0 to 6: Fleiss’ κ",
  "recall-alpha": "Recall: Krippendorff’s α, nominal",
  "recall-fleiss": "Recall: Fleiss’ κ",
};

const pairLabels: Record<PairMeasure, string> = {
  "birads-quadratic": "BI-RADS 1 to 6, κ with quadratic weights",
  "birads-linear": "BI-RADS 1 to 6, κ with linear weights",
  "birads-unweighted": "BI-RADS 0 to 6, κ without weights",
  "recall-unweighted": "Recall, κ",
};
const pairMeasures = Object.keys(pairLabels) as PairMeasure[];

type Rows = SectionProps["analysis"]["agreement"];

export function AgreementSection({ analysis, nameOf }: SectionProps) {
  const rows = analysis.agreement;
  const nothing = reasonOf(rows);
  return (
    <Section
      title="Agreement between readers"
      lead="1 = full agreement, 0 = chance. Intervals by resampled patients; the difference is aided minus unaided of the same resamples. BI-RADS 0 has no place in the order and counts as missing where categories are ordered; α allows missing readings."
    >
      {nothing === undefined ? (
        <>
          <Measures rows={rows} />
          <Pairs analysis={analysis} nameOf={nameOf} />
        </>
      ) : (
        <EmptyState title="No agreement">{nothing}</EmptyState>
      )}
    </Section>
  );
}

/** The sentence why there is none, where it is one and the same for all measures. */
function reasonOf(rows: Rows): string | undefined {
  const reasons = new Set(
    rows
      .flatMap(({ aided, unaided }) => [aided, unaided])
      .map((estimate) => (isUndefined(estimate) ? estimate.undefined : undefined)),
  );
  const [reason] = reasons;
  return reasons.size === 1 ? reason : undefined;
}

function Measures({ rows }: { rows: Rows }) {
  return (
    <>
      <Table label="Agreement between all readers">
        <thead>
          <tr>
            <Head>Measure</Head>
            <Head isNumeric>Unaided</Head>
            <Head isNumeric>Aided</Head>
            <Head isNumeric>Difference</Head>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ aided, difference, measure, unaided }) => (
            <Row key={measure}>
              <Cell>{measureLabels[measure]}</Cell>
              {[unaided, aided, difference].map((estimate, column) => (
                <IntervalCell key={column} estimate={estimate} />
              ))}
            </Row>
          ))}
        </tbody>
      </Table>
      <UndefinedNotes estimates={rows.flatMap(({ aided, unaided }) => [aided, unaided])} />
    </>
  );
}

function Pairs({ analysis, nameOf }: SectionProps) {
  const [measure, setMeasure] = useState<PairMeasure>("birads-quadratic");
  const { pairs } = analysis;
  const of = (pair: (typeof pairs)[number]) => pair.measures.find((one) => one.measure === measure);
  return (
    <div className="mt-4">
      <div className="mb-2 flex flex-wrap items-center justify-between gap-3">
        <h3 className="text-sm font-semibold">Every two readers: Cohen’s κ</h3>
        <label className="flex items-center gap-2 text-sm">
          Of
          <select
            className="h-8 rounded-md border border-slate-300 bg-white px-2"
            value={measure}
            onChange={({ target }) => setMeasure(pairMeasures.find((one) => one === target.value) ?? measure)}
          >
            {pairMeasures.map((one) => (
              <option key={one} value={one}>
                {pairLabels[one]}
              </option>
            ))}
          </select>
        </label>
      </div>
      {pairs.length === 0 ? (
        <EmptyState title="No pair">No two readers who finished have a breast in common.</EmptyState>
      ) : (
        <Table label={`Cohen’s κ of every two readers: ${pairLabels[measure]}`} maxHeight="24rem">
          <thead>
            <tr>
              <Head>Readers</Head>
              <Head isNumeric>Breasts of both</Head>
              <Head isNumeric>Unaided</Head>
              <Head isNumeric>Aided</Head>
              <Head isNumeric>Difference</Head>
            </tr>
          </thead>
          <tbody>
            {pairs.map((pair) => {
              const one = of(pair);
              return (
                <Row key={`${pair.first} ${pair.second}`}>
                  <Cell>
                    {nameOf(pair.first)} and {nameOf(pair.second)}
                  </Cell>
                  <Cell isNumeric>{count(pair.breastCount)}</Cell>
                  {one === undefined
                    ? null
                    : [one.unaided, one.aided, one.difference].map((estimate, column) => (
                        <IntervalCell key={column} estimate={estimate} />
                      ))}
                </Row>
              );
            })}
          </tbody>
        </Table>
      )}
      <UndefinedNotes
        estimates={pairs.flatMap((pair) => {
          const one = of(pair);
          return one === undefined ? [] : [one.unaided, one.aided];
        })}
      />
    </div>
  );
}

type Interval = { readonly value: number; readonly lower: number; readonly upper: number };

function IntervalCell({ estimate }: { estimate: Interval | { readonly undefined: string } }) {
  return (
    <Cell isNumeric>
      {isUndefined(estimate) ? (
        <span title={estimate.undefined}>
          <span aria-hidden>–</span>
          <span className="sr-only">Undefined: {estimate.undefined}</span>
        </span>
      ) : (
        <Estimate estimate={estimate} digits={2} />
      )}
    </Cell>
  );
}
