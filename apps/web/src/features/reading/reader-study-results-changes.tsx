import { BubbleGrid } from "../../charts/bubble-grid.tsx";
import { ChartTable } from "../../charts/chart-table.tsx";
import { EmptyState } from "../../components/empty-state.tsx";
import { count, decimal } from "../../components/format.ts";
import { Panel, Section } from "../../components/page-header.tsx";
import { Cell, Head, Row, Table } from "../../components/table.tsx";
import { UndefinedNotes } from "./reader-study-results-notes.tsx";
import { ShareCell } from "./reader-study-results-share.tsx";
import {
  isUndefined,
  seriesColours,
  type Analysis,
  type SectionProps,
} from "./reader-study-results-words.ts";

type Changes = Exclude<Analysis["changes"], { readonly undefined: string }>;
type Band = Exclude<Changes["malignant"], { readonly undefined: string }>;

export function ChangesSection({ analysis, nameOf }: SectionProps) {
  const { changes } = analysis;
  return (
    <Section
      title="What the aid changed"
      lead="Suspicion and recall of the same breast by the same reader, aided against unaided. Right: towards the reference standard."
    >
      {isUndefined(changes) ? (
        <EmptyState title="No changes">{changes.undefined}</EmptyState>
      ) : (
        <>
          <div className="mb-4 grid gap-4 lg:grid-cols-2">
            <BandPanel title="Malignant breasts" band={changes.malignant} colour={seriesColours.model} />
            <BandPanel title="Other breasts" band={changes.other} colour={seriesColours.reference} />
          </div>
          <ChangeTable rows={changes.rows} nameOf={nameOf} />
        </>
      )}
    </Section>
  );
}

function BandPanel(props: { title: string; band: Changes["malignant"]; colour: string }) {
  const { band, title } = props;
  if (isUndefined(band)) {
    return (
      <Panel>
        <h3 className="mb-1 text-sm font-semibold">{title}</h3>
        <p className="text-sm text-slate-600">{band.undefined}</p>
      </Panel>
    );
  }
  return (
    <Panel>
      <h3 className="mb-1 text-sm font-semibold">{title}</h3>
      <BubbleGrid
        title={`${title}: suspicion unaided against aided, counts in bins of ten`}
        xLabel="Unaided suspicion"
        yLabel="Aided suspicion"
        grid={band.grid}
        colour={props.colour}
      />
      <p className="mt-1 text-xs text-slate-600">
        n = {count(band.count)} readings of breasts. A dot’s area is their number; on the dashed line nothing
        changed, above it suspicion was raised. {biasText(band)} Limits of agreement (mean ± 1.96 SD){" "}
        {signed(band.lowerLimit)} to {signed(band.upperLimit)} points.
      </p>
      <ChartTable
        label={`${title}: suspicion unaided and aided`}
        head={["Unaided \\ aided", ...band.grid.map((_, bin) => binText(bin))]}
        rows={band.grid.map((row, bin) => ({
          key: binText(bin),
          cells: [binText(bin), ...row.map((cell) => count(cell))],
        }))}
      />
    </Panel>
  );
}

const binText = (bin: number) => (bin === 9 ? "90–100" : `${10 * bin}–${10 * bin + 9}`);
const signed = (value: number) => `${value > 0 ? "+" : ""}${decimal(value, 1)}`;
const biasText = ({ bias }: Band) =>
  "undefined" in bias
    ? bias.undefined
    : `Mean change ${signed(bias.value)} points [${signed(bias.lower)}, ${signed(bias.upper)}].`;

function ChangeTable(props: { rows: Changes["rows"]; nameOf: SectionProps["nameOf"] }) {
  return (
    <>
      <Table label="Changes by reader" maxHeight="32rem">
        <thead>
          <tr>
            <Head>Reader</Head>
            <Head isNumeric>Malignant raised</Head>
            <Head isNumeric>Malignant lowered</Head>
            <Head isNumeric>Other raised</Head>
            <Head isNumeric>Other lowered</Head>
            <Head isNumeric>Changes right</Head>
            <Head isNumeric>Recall switches right</Head>
          </tr>
        </thead>
        <tbody>
          {props.rows.map((row) => (
            <Row key={row.reader}>
              <Cell className={`whitespace-nowrap ${row.reader === null ? "font-medium" : ""}`}>
                {props.nameOf(row.reader)}
              </Cell>
              <ShareCell share={row.malignant.raised} />
              <ShareCell share={row.malignant.lowered} />
              <ShareCell share={row.other.raised} />
              <ShareCell share={row.other.lowered} />
              <ShareCell share={row.suspicionRight} />
              <ShareCell share={row.recall.rightShare} />
            </Row>
          ))}
        </tbody>
      </Table>
      <UndefinedNotes
        estimates={props.rows.flatMap((row) => [
          row.malignant.raised.share,
          row.other.raised.share,
          row.suspicionRight.share,
          row.recall.rightShare.share,
        ])}
      />
    </>
  );
}
