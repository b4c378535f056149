import { EmptyState } from "../../components/empty-state.tsx";
import { count } from "../../components/format.ts";
import { Section } from "../../components/page-header.tsx";
import { Cell, Head, Row, Table } from "../../components/table.tsx";
import { EstimateCell } from "../metrics/estimate-cell.tsx";
import { UndefinedNotes } from "./reader-study-results-notes.tsx";
import { ShareCell } from "./reader-study-results-share.tsx";
import { isUndefined, type Analysis, type SectionProps } from "./reader-study-results-words.ts";

type Ratings = Exclude<Analysis["mapRatings"], { readonly undefined: string }>;

const questionLabels: Record<Ratings["agreement"][number]["question"], string> = {
  lesionInside: "Lesion inside the hot area (nominal)",
  missedLesion: "Missed lesion (nominal)",
  spuriousAreas: "Spurious areas (nominal)",
  plausibility: "Plausibility 1 to 5 (ordinal)",
  changeRecall: "Would change recall (nominal)",
};

export function MapRatingsSection({ analysis, nameOf }: SectionProps) {
  const { mapRatings } = analysis;
  return (
    <Section
      title="What readers say of the maps"
      lead="The answers to the six questions about each case’s maps, as shares of the ratings with intervals over patients. Plausibility: mean, and how many said 1 / 2 / 3 / 4 / 5."
    >
      {isUndefined(mapRatings) ? (
        <EmptyState title="No ratings">{mapRatings.undefined}</EmptyState>
      ) : (
        <>
          <RatingTable rows={mapRatings.rows} nameOf={nameOf} />
          <div className="mt-4 grid gap-4 xl:grid-cols-2">
            <AlphaTable rows={mapRatings.agreement} />
            <CorrelationTable rows={mapRatings.plausibilityAndEnergy} />
          </div>
        </>
      )}
    </Section>
  );
}

function RatingTable(props: { rows: Ratings["rows"]; nameOf: SectionProps["nameOf"] }) {
  return (
    <Table label="Map ratings by reader" maxHeight="32rem">
      <thead>
        <tr>
          <Head>Reader</Head>
          <Head isNumeric>Ratings</Head>
          <Head isNumeric>Inside: yes</Head>
          <Head isNumeric>partly</Head>
          <Head isNumeric>no</Head>
          <Head isNumeric>no lesion</Head>
          <Head isNumeric>Missed</Head>
          <Head isNumeric>Spurious</Head>
          <Head isNumeric>Plausibility</Head>
          <Head isNumeric>To recall</Head>
          <Head isNumeric>To no recall</Head>
        </tr>
      </thead>
      <tbody>
        {props.rows.map((row) => (
          <Row key={row.reader}>
            <Cell className={`whitespace-nowrap ${row.reader === null ? "font-medium" : ""}`}>
              {props.nameOf(row.reader)}
            </Cell>
            <Cell isNumeric>
              {count(row.count)}
              <span className="block text-xs whitespace-nowrap text-slate-600">
                {count(row.commentCount)} {row.commentCount === 1 ? "comment" : "comments"}
              </span>
            </Cell>
            {(["yes", "partly", "no", "no-lesion"] as const).map((answer) => (
              <ShareCell key={answer} share={row.lesionInside[answer]} />
            ))}
            <ShareCell share={row.missedLesion} />
            <ShareCell share={row.spuriousAreas} />
            <Cell isNumeric>
              <EstimateCell estimate={row.meanPlausibility} digits={1} />
              <span className="block text-xs whitespace-nowrap text-slate-600">
                {row.plausibility.map(count).join(" / ")}
              </span>
            </Cell>
            <ShareCell share={row.changeRecall["towards-recall"]} />
            <ShareCell share={row.changeRecall["towards-no-recall"]} />
          </Row>
        ))}
      </tbody>
    </Table>
  );
}

function AlphaTable({ rows }: { rows: Ratings["agreement"] }) {
  return (
    <div>
      <Table label="Agreement of the map ratings">
        <thead>
          <tr>
            <Head>Do the readers agree?</Head>
            <Head isNumeric>Krippendorff’s α</Head>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ alpha, question }) => (
            <Row key={question}>
              <Cell>{questionLabels[question]}</Cell>
              <Cell isNumeric>
                <EstimateCell estimate={alpha} />
              </Cell>
            </Row>
          ))}
        </tbody>
      </Table>
      <UndefinedNotes estimates={rows.map(({ alpha }) => alpha)} />
    </div>
  );
}

function CorrelationTable({ rows }: { rows: Ratings["plausibilityAndEnergy"] }) {
  return (
    <div>
      <Table label="Plausibility and energy inside">
        <thead>
          <tr>
            <Head>Does plausibility follow the energy inside …</Head>
            <Head isNumeric>Ratings</Head>
            <Head isNumeric>Spearman’s ρ</Head>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ correlation, count: ratingCount, target }) => (
            <Row key={target}>
              <Cell>
                {target === "reference"
                  ? "the malignant lesion marks of the reference standard?"
                  : "the marks that the reader made before seeing the map?"}
              </Cell>
              <Cell isNumeric>{count(ratingCount)}</Cell>
              <Cell isNumeric>
                <EstimateCell estimate={correlation} />
              </Cell>
            </Row>
          ))}
        </tbody>
      </Table>
      <UndefinedNotes estimates={rows.map(({ correlation }) => correlation)} />
    </div>
  );
}
