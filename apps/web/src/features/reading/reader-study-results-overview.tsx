import { Stat } from "../../components/estimate.tsx";
import { count, decimal } from "../../components/format.ts";
import { Section } from "../../components/page-header.tsx";
import { Cell, Head, Row, Table } from "../../components/table.tsx";
import type { Analysis, SectionProps } from "./reader-study-results-words.ts";

export function OverviewSection({ analysis, nameOf }: SectionProps) {
  const complete = analysis.readers.filter((reader) => reader.isComplete);
  const unfinished = analysis.readers.filter((reader) => !reader.isComplete && reader.weight !== null).length;
  const hasGroups = analysis.readers.some(({ group }) => group !== null);
  return (
    <Section
      title="What was read"
      lead={[analysis.structureNote, analysis.comparisonNote].filter((note) => note !== "").join(" ")}
    >
      <dl className="mb-4 grid grid-cols-2 gap-4 sm:grid-cols-5">
        <Stat label="Cases" value={count(analysis.caseCount)} />
        <Stat label="Breasts" value={count(analysis.breastCount)} detail={leftOutText(analysis)} />
        <Stat label="Malignant" value={count(analysis.malignantCount)} detail="breasts" />
        <Stat label="Patients" value={count(analysis.subjectCount)} detail="the unit of every interval" />
        <Stat
          label="Readers who finished"
          value={`${count(complete.length)} of ${count(analysis.readers.length)}`}
          detail={
            unfinished === 0
              ? "only they count below"
              : `${count(unfinished)} more ${unfinished === 1 ? "counts" : "count"} in the comparisons of aided and unaided, nowhere else`
          }
        />
      </dl>
      <Table label="Readers" maxHeight="16rem">
        <thead>
          <tr>
            <Head>Reader</Head>
            {hasGroups ? <Head isNumeric>Group</Head> : null}
            <Head isNumeric>Cases read under both conditions</Head>
            <Head>Counts</Head>
          </tr>
        </thead>
        <tbody>
          {analysis.readers.map((reader, index) => (
            <Row key={reader.readerId}>
              <Cell>{nameOf(index)}</Cell>
              {hasGroups ? <Cell isNumeric>{reader.group === null ? "–" : reader.group + 1}</Cell> : null}
              <Cell isNumeric>
                {count(reader.submittedCount)} of {count(reader.caseCount)}
              </Cell>
              <Cell>{countsText(reader)}</Cell>
            </Row>
          ))}
        </tbody>
      </Table>
    </Section>
  );
}

function countsText({ isComplete, weight }: Analysis["readers"][number]): string {
  if (isComplete) return "Yes";
  return weight === null
    ? "No: too few patients, or breasts of one class only"
    : `In the comparisons, with weight ${decimal(weight, 2)}`;
}

function leftOutText({ aidedConsensusBreastCount: aided, consensusBreastCount: own }: Analysis): string {
  if (own + aided === 0) return "with a reference standard";
  const whose = [
    ...(own === 0 ? [] : [`${count(own)} with these readers’ own consensus`]),
    ...(aided === 0 ? [] : [`${count(aided)} with a consensus of others who saw a model’s aid`]),
  ];
  return `${count(own + aided)} more left out for their reference standard: ${whose.join(", ")}`;
}
