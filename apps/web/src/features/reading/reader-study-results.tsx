"use client";

import { useQuery } from "@tanstack/react-query";
import { DifferencePlot } from "../../charts/difference-plot.tsx";
import { BackLink } from "../../components/back-link.tsx";
import { EmptyState } from "../../components/empty-state.tsx";
import { Estimate, Stat } from "../../components/estimate.tsx";
import { count, decimal } from "../../components/format.ts";
import { PageHeader, Section } from "../../components/page-header.tsx";
import { QueryView } from "../../components/query-view.tsx";
import { Cell, Head, Row, Table } from "../../components/table.tsx";
import { useTRPC, type Outputs } from "../../trpc/client.ts";
import { EstimateCell } from "../metrics/estimate-cell.tsx";
import { ExportLinks } from "../reader-study-export/export-links.tsx";

type Results = Outputs["readerStudies"]["results"];
type Comparison = Results["comparisons"][number];
type Compared = Exclude<Comparison["result"], { readonly undefined: string }>;

const figureTitles: Record<Comparison["figure"], { title: string; lead: string }> = {
  auc: { title: "AUC of suspicion", lead: "How well the readers’ 0 to 100 suspicion orders the breasts." },
  sensitivity: { title: "Sensitivity of recall", lead: "Malignant breasts with BI-RADS 0, 4, 5 or 6." },
  specificity: { title: "Specificity of recall", lead: "Other breasts with BI-RADS 1, 2 or 3." },
};

/** Aided against unaided reading of a closed study. */
export function ReaderStudyResults(props: { readerStudyId: string }) {
  const trpc = useTRPC();
  const query = useQuery(trpc.readerStudies.results.queryOptions({ readerStudyId: props.readerStudyId }));
  return (
    <>
      <BackLink href="/reader-studies">Reader studies</BackLink>
      <QueryView query={query} rows={8}>
        {(results) => <ResultSections results={results} readerStudyId={props.readerStudyId} />}
      </QueryView>
    </>
  );
}

function ResultSections(props: { results: Results; readerStudyId: string }) {
  const { results } = props;
  const complete = results.readers.filter((reader) => reader.isComplete);
  return (
    <>
      <PageHeader
        title={`Results of ${results.name}`}
        lead={`${results.cohortName} · ${results.checkpointName}`}
        actions={<ExportLinks readerStudyId={props.readerStudyId} />}
      />
      <Section title="What was read">
        <dl className="grid grid-cols-2 gap-4 sm:grid-cols-4">
          <Stat label="Breasts" value={count(results.breastCount)} detail="with a reference standard" />
          <Stat label="Malignant" value={count(results.malignantCount)} />
          <Stat label="Patients" value={count(results.subjectCount)} />
          <Stat
            label="Readers who finished"
            value={`${count(complete.length)} of ${count(results.readers.length)}`}
            detail="only they count below"
          />
        </dl>
      </Section>
      {results.comparisons.map((comparison) => (
        <ComparisonSection key={comparison.figure} comparison={comparison} />
      ))}
      <AgreementSection rows={results.agreement} />
    </>
  );
}

function ComparisonSection(props: { comparison: Comparison }) {
  const { figure, result } = props.comparison;
  const words = figureTitles[figure];
  return (
    <Section title={words.title} lead={words.lead}>
      {"undefined" in result ? (
        <EmptyState title="No comparison">{result.undefined}</EmptyState>
      ) : (
        <div className="grid gap-4 xl:grid-cols-2">
          <ComparisonTable title={words.title} result={result} />
          <DifferencePlot
            title={`${words.title}: aided minus unaided by reader, with 95 % intervals`}
            lowerLabel="unaided better"
            upperLabel="aided better"
            rows={[
              ...result.byReader.map((reader, index) => ({
                key: String(index),
                label: reader.readerName,
                isPooled: false,
                ...reader.difference,
              })),
              { key: "pooled", label: "All readers", isPooled: true, ...result.difference },
            ]}
          />
        </div>
      )}
    </Section>
  );
}

const pText = (pValue: number | null) =>
  pValue === null ? "–" : pValue < 0.001 ? "< 0.001" : decimal(pValue, 3);

function ComparisonTable(props: { title: string; result: Compared }) {
  const { result } = props;
  const [aided, unaided] = result.means;
  const { components } = result;
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
          {result.byReader.map((reader, index) => (
            <Row key={index}>
              <Cell>{reader.readerName}</Cell>
              <Cell isNumeric>{decimal(reader.values[1] ?? 0, 3)}</Cell>
              <Cell isNumeric>{decimal(reader.values[0] ?? 0, 3)}</Cell>
              <Cell isNumeric>
                <Estimate estimate={reader.difference} />
              </Cell>
              <Cell isNumeric>{pText(reader.difference.pValue)}</Cell>
            </Row>
          ))}
          <Row>
            <Cell className="font-medium">Other readers, other cases</Cell>
            <Cell isNumeric>{unaided === undefined ? "–" : <Estimate estimate={unaided} />}</Cell>
            <Cell isNumeric>{aided === undefined ? "–" : <Estimate estimate={aided} />}</Cell>
            <Cell isNumeric>
              <Estimate estimate={result.difference} />
            </Cell>
            <Cell isNumeric>{pText(result.difference.pValue)}</Cell>
          </Row>
          {(
            [
              ["These readers, other cases", result.fixedReaders],
              ["Other readers, these cases", result.fixedCases],
            ] as const
          ).map(([label, difference]) => (
            <Row key={label}>
              <Cell>{label}</Cell>
              <Cell />
              <Cell />
              <Cell isNumeric>
                <Estimate estimate={difference} />
              </Cell>
              <Cell isNumeric>{pText(difference.pValue)}</Cell>
            </Row>
          ))}
        </tbody>
      </Table>
      <p className="mt-2 text-xs text-slate-600">
        Obuchowski–Rockette with Hillis’ degrees of freedom (
        {Number.isFinite(result.difference.degreesOfFreedom)
          ? decimal(result.difference.degreesOfFreedom, 1)
          : "infinite"}
        ), DeLong covariance with patients as clusters. Var(R) {components.reader.toExponential(2)}, Var(T·R){" "}
        {components.conditionReader.toExponential(2)}, Var(ε) {components.error.toExponential(2)}, Cov1{" "}
        {components.cov1.toExponential(2)}, Cov2 {components.cov2.toExponential(2)}, Cov3{" "}
        {components.cov3.toExponential(2)}.
      </p>
    </div>
  );
}

const measureLabels: Record<Results["agreement"][number]["measure"], string> = {
  suspicion: "Suspicion: ICC (absolute agreement, single reader)",
  recall: "Recall: Fleiss’ κ",
};

function AgreementSection(props: { rows: Results["agreement"] }) {
  return (
    <Section
      title="Agreement between readers"
      lead="1 = full agreement, 0 = chance; intervals by resampled patients."
    >
      <Table label="Agreement between readers">
        <thead>
          <tr>
            <Head>Measure</Head>
            <Head isNumeric>Unaided</Head>
            <Head isNumeric>Aided</Head>
          </tr>
        </thead>
        <tbody>
          {(["suspicion", "recall"] as const).map((measure) => (
            <Row key={measure}>
              <Cell>{measureLabels[measure]}</Cell>
              {(["unaided", "aided"] as const).map((condition) => {
                const row = props.rows.find((one) => one.measure === measure && one.condition === condition);
                return (
                  <Cell key={condition} isNumeric>
                    {row === undefined ? "–" : <EstimateCell estimate={row.estimate} />}
                  </Cell>
                );
              })}
            </Row>
          ))}
        </tbody>
      </Table>
    </Section>
  );
}
