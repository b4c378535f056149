import type { ReactNode } from "react";
import { DifferencePlot } from "../../charts/difference-plot.tsx";
import { EmptyState } from "../../components/empty-state.tsx";
import { Estimate } from "../../components/estimate.tsx";
import { decimal, percent } from "../../components/format.ts";
import { Section } from "../../components/page-header.tsx";
import { Cell, Head, Row, Table } from "../../components/table.tsx";
import { isUndefined, pText, type Analysis, type SectionProps } from "./reader-study-results-words.ts";

type Comparison = Analysis["comparisons"][number];

const figureTitles: Record<Comparison["figure"], { title: string; lead: string }> = {
  auc: { title: "AUC of suspicion", lead: "How well the readers’ 0 to 100 suspicion orders the breasts." },
  sensitivity: { title: "Sensitivity of recall", lead: "Malignant breasts with BI-RADS 0, 4, 5 or 6." },
  specificity: { title: "Specificity of recall", lead: "Other breasts with BI-RADS 1, 2 or 3." },
};

interface ComparisonProps {
  readonly comparison: Comparison;
  readonly nameOf: SectionProps["nameOf"];
  /** Of a reader who did not finish: how much of theirs the figures are of. */
  readonly shareOf: (reader: number) => string | null;
}

export function ComparisonSections({ analysis, nameOf }: SectionProps) {
  return analysis.comparisons.map((comparison) => (
    <ComparisonSection
      key={comparison.figure}
      comparison={comparison}
      nameOf={nameOf}
      shareOf={(reader) => {
        const weight = analysis.readers[reader]?.weight ?? 1;
        return weight >= 1 ? null : `read ${percent(weight)} of their cases`;
      }}
    />
  ));
}

function ComparisonSection(props: ComparisonProps) {
  const { averaged, byReader, figure, pooled } = props.comparison;
  const { lead, title } = figureTitles[figure];
  const rows = byReader.flatMap(({ reader, result }) =>
    isUndefined(result)
      ? []
      : [{ key: String(reader), label: props.nameOf(reader), isPooled: false, ...result.difference }],
  );
  const together = isUndefined(pooled)
    ? averaged === null || isUndefined(averaged)
      ? []
      : [{ key: "mean", label: "Mean of readers", isPooled: true, ...averaged }]
    : [{ key: "pooled", label: "All readers", isPooled: true, ...pooled.difference }];
  return (
    <Section title={title} lead={`${lead} A difference is aided minus unaided, with its 95% interval.`}>
      {byReader.length === 0 ? (
        <EmptyState title="No comparison">No reader has read enough of their cases to count.</EmptyState>
      ) : (
        <div className="grid gap-4 xl:grid-cols-2">
          <ComparisonTable {...props} title={title} />
          <DifferencePlot
            title={`${title}: aided minus unaided by reader, with 95% intervals`}
            lowerLabel="unaided better"
            upperLabel="aided better"
            rows={[...rows, ...together]}
          />
        </div>
      )}
    </Section>
  );
}

const p = (value: number | null) => pText(value, (one) => decimal(one, 3));

function ComparisonTable(props: ComparisonProps & { title: string }) {
  const { averaged, byReader, pooled } = props.comparison;
  return (
    <div>
      <Table label={`${props.title} by reader`}>
        <thead>
          <tr>
            <Head>Reader</Head>
            <Head isNumeric>Unaided</Head>
            <Head isNumeric>Aided</Head>
            <Head isNumeric>Difference</Head>
            <Head isNumeric>p</Head>
          </tr>
        </thead>
        <tbody>
          {byReader.map(({ reader, result }) => (
            <Row key={reader}>
              <Cell className="whitespace-nowrap">
                {props.nameOf(reader)}
                <Under>{props.shareOf(reader)}</Under>
              </Cell>
              {isUndefined(result) ? (
                <Cell colSpan={4} className="text-slate-600">
                  {result.undefined}
                </Cell>
              ) : (
                <FigureCells result={result} />
              )}
            </Row>
          ))}
          {isUndefined(pooled) ? null : (
            <>
              <Row>
                <Cell className="font-medium whitespace-nowrap">
                  All readers<Under>for other readers, other cases</Under>
                </Cell>
                <FigureCells result={pooled} />
              </Row>
              {narrowerRows(pooled).map(([label, difference]) => (
                <Row key={label}>
                  <Cell className="text-xs whitespace-nowrap text-slate-600">{label}</Cell>
                  <Cell />
                  <Cell />
                  <Cell isNumeric>
                    <Estimate estimate={difference} />
                  </Cell>
                  <Cell isNumeric className="whitespace-nowrap">
                    {p(difference.pValue)}
                  </Cell>
                </Row>
              ))}
            </>
          )}
          {averaged === null || isUndefined(averaged) ? null : (
            <Row>
              <Cell className="font-medium whitespace-nowrap">
                Mean of readers<Under>for these readers, other cases</Under>
              </Cell>
              <Cell />
              <Cell />
              <Cell isNumeric>
                <Estimate estimate={averaged} />
              </Cell>
              <Cell isNumeric>–</Cell>
            </Row>
          )}
        </tbody>
      </Table>
      <p className="mt-2 text-xs text-slate-600">
        {isUndefined(pooled) ? `No analysis of readers: ${pooled.undefined}` : methodOf(pooled)}
        {averaged !== null && isUndefined(averaged) ? ` No mean of readers: ${averaged.undefined}` : ""}
      </p>
    </div>
  );
}

const Under = (props: { children: ReactNode }) =>
  props.children === null ? null : (
    <span className="block text-xs font-normal text-slate-600">{props.children}</span>
  );

type Interval = { readonly value: number; readonly lower: number; readonly upper: number };

function FigureCells(props: {
  result: {
    readonly aided: Interval;
    readonly unaided: Interval;
    readonly difference: Interval & { readonly pValue: number | null };
  };
}) {
  const { aided, difference, unaided } = props.result;
  return (
    <>
      {[unaided, aided].map((interval, column) => (
        <Cell key={column} isNumeric>
          <Estimate estimate={interval} />
        </Cell>
      ))}
      <Cell isNumeric>
        {difference.lower === difference.upper ? (
          <span className="font-medium">
            {decimal(difference.value, 3)}
            <Under>no spread</Under>
          </span>
        ) : (
          <Estimate estimate={difference} />
        )}
      </Cell>
      <Cell isNumeric className="whitespace-nowrap">
        {p(difference.pValue)}
      </Cell>
    </>
  );
}

type Pooled = Exclude<Comparison["pooled"], { undefined: string }>;

/** Answers that speak for less. Cases are no fixed set where readers read different ones. */
const narrowerRows = (pooled: Pooled) =>
  [
    ...(pooled.fixedReaders === null
      ? []
      : [["for these readers, other cases", pooled.fixedReaders] as const]),
    ...(pooled.method === "one-shot" ? [] : [["for other readers, these cases", pooled.fixedCases] as const]),
  ] as const;

function methodOf(pooled: Pooled): string {
  const { degreesOfFreedom } = pooled.difference;
  const df = degreesOfFreedom === null ? "infinite" : decimal(degreesOfFreedom, 1);
  if (pooled.method === "one-shot") {
    const { readers, sharedCases } = pooled.variance;
    return `Gallas’ one-shot estimate with Satterthwaite’s degrees of freedom (${df}), patients as clusters, readers compared ${
      pooled.comparedWithin === "blocks" ? "with those who share cases with them" : "with all others"
    }. Of the variance of the difference ${percent(readers / (readers + sharedCases))} is from readers who differ, the rest from cases that they share.`;
  }
  const { components } = pooled;
  const parts = [
    ["Var(R)", components.reader],
    ["Var(T·R)", components.conditionReader],
    ["Var(ε)", components.error],
    ["Cov1", components.cov1],
    ["Cov2", components.cov2],
    ["Cov3", components.cov3],
  ] as const;
  return `Obuchowski–Rockette with Hillis’ degrees of freedom (${df}), DeLong covariance with patients as clusters. ${parts.map(([name, value]) => `${name} ${value.toExponential(2)}`).join(", ")}.`;
}
