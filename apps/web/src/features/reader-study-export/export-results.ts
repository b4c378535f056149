import { createHash } from "node:crypto";
import { mapMeasuresSchema, type StoredMapMeasures } from "@crossread/contracts/reader-study-analysis";
import { DomainError } from "@crossread/contracts/errors";
import { appendAudit } from "@crossread/db/audit";
import { loadReaderStudyData, type ReaderStudyData } from "@crossread/db/reader-study-data";
import { acrossSites } from "@crossread/db/row-scope";
import { loadMapMeasures } from "@crossread/db/reader-study-map-measures";
import { findReaderStudyAnalysis, openClosedReaderStudy } from "@crossread/db/reader-study-results";
import type { RouteContext } from "../../server/route-answer.ts";
import { withReaderNames } from "../../server/with-reader-names.ts";
import { answerText } from "./file-answer.ts";
import { openExport } from "./open-export.ts";
import { readerPseudonym } from "./reader-pseudonym.ts";
import { csvLine } from "./reading-tables.ts";

/** What the statistics of a closed study were computed from, and what came out: enough to compute them again elsewhere. */
export async function exportResults(
  given: RouteContext,
  readerStudyId: string,
  query: URLSearchParams,
): Promise<Response> {
  const { caller, context, format, study } = await openExport(given, readerStudyId, {
    query,
    formats: ["json", "ratings", "map-measures"],
    usage: "Results are exported with format=json, ratings (CSV) or map-measures (CSV).",
  });
  // Figures over all cases, unlike rows of single ones, cannot leave out what the caller must not know.
  const figures = acrossSites(context.db, "reader study figures");
  if (format === "json") await openClosedReaderStudy(figures, readerStudyId, caller);
  await appendAudit(context.db, {
    actorId: caller.userId,
    siteId: null,
    action: "reader-study.export-results",
    entityKind: "reader-study",
    entityId: readerStudyId,
    details: { format, caseCount: study.caseIds.length },
  });
  if (format === "json") return resultsJson(context, study);
  // Whether a reader counts is said of all their cases; rows of other sites' cases are left out below.
  const data = await loadReaderStudyData(figures, readerStudyId);
  if (data === undefined) throw new DomainError("not-found", "There is no such reader study.");
  const cases = new Set(study.caseIds);
  const rows =
    format === "ratings"
      ? ratingRows(data, { cases, weights: await comparisonWeights(context, readerStudyId) })
      : mapRows(data, { cases, measures: await loadMapMeasures(context.db, readerStudyId) });
  return answerText(joined(rows), { type: "text/csv; charset=utf-8", fileName: `${format}.csv` });
}

async function resultsJson(
  context: RouteContext,
  study: { readonly readerStudyId: string; readonly name: string },
): Promise<Response> {
  const { name, readerStudyId } = study;
  const stored = await findReaderStudyAnalysis(context.db, readerStudyId);
  if (stored === undefined) {
    throw new DomainError("conflict", `The results of "${name}" are not computed yet.`);
  }
  const { analysis, ...provenance } = stored;
  const pseudonyms = Object.fromEntries(
    analysis.readers.map(({ readerId }) => [readerId, readerPseudonym(readerStudyId, readerId)]),
  );
  const readers = analysis.readers.map(({ readerId, ...reader }) => ({
    reader: pseudonyms[readerId],
    ...reader,
  }));
  const named = withReaderNames({ ...analysis, readers }, pseudonyms);
  const text = JSON.stringify(
    { readerStudy: { readerStudyId, name }, ...provenance, analysis: named },
    null,
    1,
  );
  return answerText(joined([`${text}\n`]), { type: "application/json", fileName: "results.json" });
}

const patientKey = (readerStudyId: string, subjectId: string): string => {
  const digest = createHash("sha256").update(`patient\u001f${readerStudyId}\u001f${subjectId}`).digest("hex");
  return `PT-${digest.slice(0, 12).toUpperCase()}`;
};

/** Of each reader in the comparisons, as last computed; none before that. */
async function comparisonWeights(
  { db }: RouteContext,
  readerStudyId: string,
): Promise<ReadonlyMap<string, number | null>> {
  const stored = await findReaderStudyAnalysis(db, readerStudyId);
  return new Map(stored?.analysis.readers.map(({ readerId, weight }) => [readerId, weight]));
}

function* ratingRows(
  data: ReaderStudyData,
  chosen: {
    readonly cases: ReadonlySet<string>;
    readonly weights: ReadonlyMap<string, number | null>;
  },
): Generator<string> {
  yield csvLine([
    "reader",
    "reader_counts",
    "patient",
    "case",
    "laterality",
    "malignant",
    "own_consensus",
    "aided_consensus",
    "condition",
    "suspicion",
    "birads",
    "duration_ms",
    "model_score",
    "model_threshold",
    "comparison_weight",
  ]);
  const subjectOf = new Map(data.cases.map(({ caseId, subjectId }) => [caseId, subjectId]));
  const completeReaders = new Set(
    data.readers
      .filter(({ caseIds, submittedCount }) => caseIds.length > 0 && submittedCount === caseIds.length)
      .map(({ readerId }) => readerId),
  );
  const breastsOf = byCase(data.breasts);
  const imagesOf = byCase(data.images);
  for (const reading of data.readings) {
    if (!chosen.cases.has(reading.caseId)) continue;
    for (const breast of breastsOf.get(reading.caseId) ?? []) {
      const scores = (imagesOf.get(reading.caseId) ?? []).flatMap(({ laterality, score }) =>
        score === null || laterality !== breast.laterality ? [] : [score],
      );
      yield csvLine([
        readerPseudonym(data.readerStudyId, reading.readerId),
        completeReaders.has(reading.readerId),
        patientKey(data.readerStudyId, subjectOf.get(reading.caseId) ?? ""),
        reading.caseId,
        breast.laterality,
        breast.isMalignant,
        breast.isOwnConsensus,
        breast.isAidedConsensus,
        reading.condition,
        reading.breasts[breast.laterality].suspicion,
        reading.breasts[breast.laterality].birads,
        reading.durationMs,
        scores.length === 0 ? null : Math.max(...scores),
        data.threshold,
        chosen.weights.get(reading.readerId),
      ]);
    }
  }
}

function byCase<TRow extends { readonly caseId: string }>(rows: readonly TRow[]): Map<string, TRow[]> {
  const grouped = new Map<string, TRow[]>();
  for (const row of rows) grouped.set(row.caseId, [...(grouped.get(row.caseId) ?? []), row]);
  return grouped;
}

type MeasureRow = Awaited<ReturnType<typeof loadMapMeasures>>[number];

function* mapRows(
  data: ReaderStudyData,
  chosen: { readonly cases: ReadonlySet<string>; readonly measures: readonly MeasureRow[] },
): Generator<string> {
  const thresholds = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9];
  yield csvLine([
    "marks_of",
    "condition",
    "patient",
    "case",
    "image",
    "laterality",
    "map",
    "is_flat",
    "mark_count",
    "marks_found",
    "spurious_regions",
    "finding_types",
    "marks_outside",
    "pointing",
    "energy_inside",
    "mark_share",
    ...thresholds.flatMap((threshold) => [`iou_${threshold}`, `dice_${threshold}`]),
  ]);
  const subjectOf = new Map(data.cases.map(({ caseId, subjectId }) => [caseId, subjectId]));
  const readingOf = new Map(data.readings.map((reading) => [reading.readingId, reading]));
  const imageOf = new Map(
    data.images.flatMap((image) => (image.map === null ? [] : [[image.map.mapId, image]])),
  );
  for (const row of chosen.measures) {
    const image = imageOf.get(row.mapId);
    if (image === undefined || !chosen.cases.has(image.caseId)) continue;
    const stored: StoredMapMeasures = mapMeasuresSchema.parse(JSON.parse(row.measures));
    const reading = readingOf.get(row.target);
    const { marked, regions } = stored.measures ?? {};
    yield csvLine([
      reading === undefined ? row.target : readerPseudonym(data.readerStudyId, reading.readerId),
      reading?.condition,
      patientKey(data.readerStudyId, subjectOf.get(image.caseId) ?? ""),
      image.caseId,
      image.instanceId,
      image.laterality,
      row.mapId,
      stored.measures === null,
      regions?.marks.length,
      regions === undefined ? undefined : regions.marks.length - regions.missedMarkCount,
      regions?.spuriousRegionCount,
      stored.kinds.join(" "),
      stored.outsideMarkCount,
      marked?.pointing,
      marked?.energyInside,
      marked?.markShare,
      ...thresholds.flatMap((threshold) => {
        const overlap = marked?.overlaps.find((one) => one.threshold === threshold);
        return [overlap?.iou, overlap?.dice];
      }),
    ]);
  }
}

const rowsPerPiece = 500;

/** Rows are short: some at a time. */
function* joined(rows: Iterable<string>): Generator<string> {
  let piece: string[] = [];
  for (const row of rows) {
    piece.push(row);
    if (piece.length < rowsPerPiece) continue;
    yield piece.join("");
    piece = [];
  }
  if (piece.length > 0) yield piece.join("");
}
