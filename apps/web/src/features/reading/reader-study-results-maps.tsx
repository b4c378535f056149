import { ChartTable } from "../../charts/chart-table.tsx";
import { LineChart } from "../../charts/line-chart.tsx";
import { EmptyState } from "../../components/empty-state.tsx";
import { count, decimal, percent } from "../../components/format.ts";
import { Panel, Section } from "../../components/page-header.tsx";
import { Cell, Head, Row, Table } from "../../components/table.tsx";
import {
  conditionLabels,
  findingTypeLabels,
  isUndefined,
  seriesColours,
  type Analysis,
  type SectionProps,
} from "./reader-study-results-words.ts";

type Maps = Exclude<Analysis["maps"], { readonly undefined: string }>;
type MapRow = Maps["rows"][number];
type Summary = Exclude<MapRow["result"], { readonly undefined: string }>;
type Quantity = Summary["pointing"];

export function MapsSection({ analysis, nameOf }: SectionProps) {
  const { maps, method } = analysis;
  return (
    <Section
      title="The model’s maps and the marks"
      lead={`Maps of the class malignant against the malignant lesion marks of the reference standard, and against what the readers marked. Hot: from ${percent(method.hotThreshold)} of the map’s maximum, at least ${method.minimumRegionPx} pixels together. Aided marks were made with the map in view: they tell nothing about the map by themselves.`}
    >
      {isUndefined(maps) ? (
        <EmptyState title="No maps">{maps.undefined}</EmptyState>
      ) : (
        <>
          <div className="mb-4 grid gap-4 xl:grid-cols-2">
            <OverlapPanel maps={maps} measure="iou" title="IoU of hot area and marks" />
            <OverlapPanel maps={maps} measure="dice" title="Dice of hot area and marks" />
          </div>
          <MapTable maps={maps} nameOf={nameOf} />
          <p className="mt-2 text-xs text-slate-600">{leftOut(maps)}</p>
        </>
      )}
    </Section>
  );
}

function leftOut(maps: Maps): string {
  const parts = [
    [maps.imageCount - maps.mapCount, "images without a map"],
    [maps.unreadableMapCount, "maps whose file is missing or unreadable"],
    [maps.flatMapCount, "maps that are 0 everywhere"],
    [maps.outsideMarkCount, "marks outside of their image"],
    [
      maps.unmarkedMalignantCount,
      "images of malignant breasts without a lesion mark (reference standard only)",
    ],
  ] as const;
  const said = parts.filter(([number]) => number > 0).map(([number, what]) => `${count(number)} ${what}`);
  return `${count(maps.mapCount)} maps of ${count(maps.imageCount)} images. Left out: ${said.length === 0 ? "none" : said.join(", ")}. Groups of few patients are not shown.`;
}

const curves = [
  { key: "reference", label: "Reference standard", colour: seriesColours.reference, isDashed: false },
  { key: "unaided", label: "Readers’ unaided marks", colour: seriesColours.unaided, isDashed: true },
  { key: "aided", label: "Readers’ aided marks", colour: seriesColours.aided, isDashed: false },
] as const;

function isCurve(row: MapRow, key: (typeof curves)[number]["key"]): boolean {
  if (row.findingType !== null) return false;
  if (row.target.kind === "reference") return key === "reference";
  return row.target.reader === null && row.target.condition === key;
}

function OverlapPanel(props: { maps: Maps; measure: "iou" | "dice"; title: string }) {
  const { maps, measure, title } = props;
  const series = curves.flatMap(({ key, ...look }) => {
    const result = maps.rows.find((row) => isCurve(row, key))?.result;
    if (result === undefined || isUndefined(result) || result.overlaps.length === 0) return [];
    return [
      {
        key,
        ...look,
        label: `${look.label} (${count(result.markedMapCount)} maps)`,
        points: result.overlaps.map((overlap) => {
          const { lower, upper, value } = overlap[measure];
          return {
            x: Math.round(100 * overlap.threshold),
            y: value,
            ...(lower === null || upper === null ? {} : { lower, upper }),
          };
        }),
      },
    ];
  });
  return (
    <Panel>
      <h3 className="mb-1 text-sm font-semibold">{title}</h3>
      {series.length === 0 ? (
        <p className="text-sm text-slate-600">No map of enough patients has a mark.</p>
      ) : (
        <>
          <LineChart
            title={`${title} over the threshold of the map, with 95% intervals`}
            xLabel="Threshold (% of the map’s maximum)"
            yLabel={measure === "iou" ? "IoU" : "Dice"}
            series={series}
          />
          <ChartTable
            label={title}
            head={["Threshold", ...series.map(({ label }) => label)]}
            rows={(series[0]?.points ?? []).map((point, index) => ({
              key: String(point.x),
              cells: [
                percent(point.x / 100),
                ...series.map(({ points }) => {
                  const one = points[index];
                  return one === undefined
                    ? "–"
                    : `${decimal(one.y, 3)}${one.lower === undefined || one.upper === undefined ? "" : ` [${decimal(one.lower, 3)}, ${decimal(one.upper, 3)}]`}`;
                }),
              ],
            }))}
          />
        </>
      )}
    </Panel>
  );
}

function MapTable(props: { maps: Maps; nameOf: SectionProps["nameOf"] }) {
  const { rows } = props.maps;
  return (
    <>
      <Table label="Maps against marks" maxHeight="36rem">
        <thead>
          <tr>
            <Head>Marks of</Head>
            <Head isNumeric>Marked maps</Head>
            <Head isNumeric>Patients</Head>
            <Head isNumeric>Pointing game</Head>
            <Head isNumeric>Energy inside</Head>
            <Head isNumeric>Marked area</Head>
            <Head isNumeric>Marks found</Head>
            <Head isNumeric>IoU at {percent(0.5)}</Head>
            <Head isNumeric className="whitespace-normal!">
              Spurious per map
            </Head>
            <Head isNumeric className="whitespace-normal!">
              … per unmarked map
            </Head>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => {
            const { result } = row;
            const label = labelOf(row, props.nameOf);
            return (
              <Row key={label}>
                {row.findingType === null ? (
                  <Cell className="whitespace-nowrap">{label}</Cell>
                ) : (
                  <Cell className="pl-8 whitespace-nowrap text-slate-700">
                    {findingTypeLabels[row.findingType]}
                  </Cell>
                )}
                {isUndefined(result) ? (
                  <Cell colSpan={9} className="text-slate-600">
                    {result.undefined}
                  </Cell>
                ) : (
                  <>
                    <Cell isNumeric>
                      {count(result.markedMapCount)} of {count(result.mapCount)}
                    </Cell>
                    <Cell isNumeric>{count(result.subjectCount)}</Cell>
                    <QuantityCell quantity={result.pointing} />
                    <QuantityCell quantity={result.energyInside} />
                    <QuantityCell quantity={result.markShare} digits={3} />
                    <QuantityCell quantity={result.marksFound} />
                    <QuantityCell
                      quantity={result.overlaps.find(({ threshold }) => threshold === 0.5)?.iou ?? null}
                    />
                    <QuantityCell quantity={result.spuriousPerMap} />
                    <QuantityCell quantity={result.spuriousPerUnmarkedMap} />
                  </>
                )}
              </Row>
            );
          })}
        </tbody>
      </Table>
      <p className="mt-2 text-xs text-slate-600">
        Pointing game: the hottest pixel lies in a mark. Energy inside: share of the map’s sum in the marks. A
        map without aim would reach the marked area in both. Marks found: a hot region touches the mark.
        Spurious: a hot region touches no mark. “–”: no map has a mark.
      </p>
    </>
  );
}

function labelOf({ findingType, target }: MapRow, nameOf: SectionProps["nameOf"]): string {
  const whose =
    target.kind === "reference"
      ? "Reference standard"
      : `${nameOf(target.reader)}, ${conditionLabels[target.condition].toLowerCase()}`;
  return findingType === null ? whose : `${whose}: ${findingTypeLabels[findingType].toLowerCase()}`;
}

function QuantityCell(props: { quantity: Quantity; digits?: number }) {
  const { digits = 2, quantity } = props;
  if (quantity === null) return <Cell isNumeric>–</Cell>;
  return (
    <Cell isNumeric title={`n = ${quantity.count}`}>
      <span className="inline-block leading-tight whitespace-nowrap">
        <span className="block font-medium">{decimal(quantity.value, digits)}</span>
        {quantity.lower === null || quantity.upper === null ? null : (
          <span className="block text-xs text-slate-600">
            [{decimal(quantity.lower, digits)}, {decimal(quantity.upper, digits)}]
          </span>
        )}
      </span>
    </Cell>
  );
}
