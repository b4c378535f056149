import type { Laterality, View } from "@crossread/contracts/dataset-manifest";
import { pendingCaseIds } from "./blinding.ts";
import type { Database } from "./database.ts";
import { Prisma } from "./generated/client.ts";
import type { SiteScope } from "./site-scope.ts";

/** Who asks: a token sees its site; a person sees their sites without the cases that they still have to read. */
export interface DicomWebViewer {
  readonly scope: SiteScope;
  readonly userId: string | null;
}

/** Matching keys of PS3.18 10.6 that have a column; texts may hold the wildcards * and ? (PS3.4 C.2.2.2.4). */
export interface DicomWebFilter {
  readonly patientId?: string | undefined;
  readonly studyInstanceUids?: readonly string[] | undefined;
  readonly seriesInstanceUids?: readonly string[] | undefined;
  readonly sopInstanceUids?: readonly string[] | undefined;
  readonly sopClassUids?: readonly string[] | undefined;
  /** YYYY-MM-DD, both ends included. */
  readonly studyDate?: { readonly from?: string | undefined; readonly to?: string | undefined } | undefined;
  readonly laterality?: Laterality | undefined;
  readonly view?: View | undefined;
  readonly manufacturer?: string | undefined;
}

export interface DicomWebSearch {
  readonly viewer: DicomWebViewer;
  readonly filter: DicomWebFilter;
  readonly offset: number;
  readonly limit: number;
}

export interface Found<TRow> {
  readonly rows: readonly TRow[];
  readonly totalCount: number;
}

export interface FoundStudy {
  readonly studyInstanceUid: string;
  readonly patientId: string;
  readonly studyDate: Date | null;
  readonly patientAgeYears: number | null;
  readonly seriesCount: number;
  readonly instanceCount: number;
}

export interface FoundSeries extends Omit<FoundStudy, "instanceCount"> {
  readonly seriesInstanceUid: string;
  readonly seriesInstanceCount: number;
}

export interface FoundInstance extends Omit<FoundStudy, "seriesCount" | "instanceCount"> {
  readonly seriesInstanceUid: string;
  readonly sopInstanceUid: string;
  readonly sopClassUid: string | null;
  readonly laterality: Laterality;
  readonly view: View;
  readonly rows: number;
  readonly columns: number;
  readonly bitsStored: number;
  readonly photometricInterpretation: string;
  readonly manufacturer: string | null;
  readonly manufacturerModelName: string | null;
}

const studyColumns = Prisma.sql`
  st.study_instance_uid AS "studyInstanceUid", su.pseudonym AS "patientId", st.study_date AS "studyDate",
  st.patient_age_years AS "patientAgeYears"`;

/** Studies with at least one matching image, newest first. */
export async function searchDicomWebStudies(
  db: Database,
  search: DicomWebSearch,
): Promise<Found<FoundStudy>> {
  const from = Prisma.sql`
    FROM studies st JOIN subjects su ON su.id = st.subject_id
    WHERE ${studyConditions(search)} AND EXISTS (
      SELECT 1 FROM series se JOIN instances i ON i.series_id = se.id
      WHERE se.study_id = st.id AND ${instanceConditions(search.filter)})`;
  const [rows, totalCount] = await Promise.all([
    db.$queryRaw<FoundStudy[]>`
      SELECT ${studyColumns}, counts.*
      FROM (SELECT st.id ${from} ORDER BY st.received_at DESC, st.id
            OFFSET ${search.offset} LIMIT ${search.limit}) page
      JOIN studies st ON st.id = page.id JOIN subjects su ON su.id = st.subject_id
      JOIN LATERAL (
        SELECT count(DISTINCT se.id)::int AS "seriesCount", count(i.id)::int AS "instanceCount"
        FROM series se JOIN instances i ON i.series_id = se.id WHERE se.study_id = st.id) counts ON true
      ORDER BY st.received_at DESC, st.id`,
    countOf(db, from),
  ]);
  return { rows, totalCount };
}

export async function searchDicomWebSeries(
  db: Database,
  search: DicomWebSearch,
): Promise<Found<FoundSeries>> {
  const from = Prisma.sql`
    FROM series se JOIN studies st ON st.id = se.study_id JOIN subjects su ON su.id = st.subject_id
    WHERE ${studyConditions(search)} AND EXISTS (
      SELECT 1 FROM instances i WHERE i.series_id = se.id AND ${instanceConditions(search.filter)})`;
  const [rows, totalCount] = await Promise.all([
    db.$queryRaw<FoundSeries[]>`
      SELECT ${studyColumns}, se.series_instance_uid AS "seriesInstanceUid",
        (SELECT count(*)::int FROM series s WHERE s.study_id = st.id) AS "seriesCount",
        (SELECT count(*)::int FROM instances i WHERE i.series_id = se.id) AS "seriesInstanceCount"
      ${from}
      ORDER BY st.received_at DESC, st.id, se.series_instance_uid
      OFFSET ${search.offset} LIMIT ${search.limit}`,
    countOf(db, from),
  ]);
  return { rows, totalCount };
}

export async function searchDicomWebInstances(
  db: Database,
  search: DicomWebSearch,
): Promise<Found<FoundInstance>> {
  const from = Prisma.sql`
    FROM instances i JOIN series se ON se.id = i.series_id JOIN studies st ON st.id = se.study_id
    JOIN subjects su ON su.id = st.subject_id
    WHERE ${studyConditions(search)} AND ${instanceConditions(search.filter)}`;
  const [rows, totalCount] = await Promise.all([
    db.$queryRaw<FoundInstance[]>`
      SELECT ${studyColumns}, se.series_instance_uid AS "seriesInstanceUid",
        i.sop_instance_uid AS "sopInstanceUid", i.sop_class_uid AS "sopClassUid",
        i.laterality::text AS laterality, i.view::text AS view, i.rows, i.columns,
        i.bits_stored AS "bitsStored", i.photometric_interpretation AS "photometricInterpretation",
        i.manufacturer, i.manufacturer_model_name AS "manufacturerModelName"
      ${from}
      ORDER BY i.received_at DESC, i.id
      OFFSET ${search.offset} LIMIT ${search.limit}`,
    countOf(db, from),
  ]);
  return { rows, totalCount };
}

async function countOf(db: Database, from: Prisma.Sql): Promise<number> {
  const [row] = await db.$queryRaw<{ count: number }[]>`SELECT count(*)::int AS count ${from}`;
  return row?.count ?? 0;
}

/** On `st` and `su`; the site is always among them. */
function studyConditions(search: DicomWebSearch): Prisma.Sql {
  const { filter } = search;
  const conditions = [
    viewerCondition(search.viewer),
    ...textCondition(Prisma.sql`su.pseudonym`, filter.patientId),
    ...oneOf(Prisma.sql`st.study_instance_uid`, filter.studyInstanceUids),
  ];
  const { from, to } = filter.studyDate ?? {};
  if (from !== undefined) conditions.push(Prisma.sql`st.study_date >= ${from}::date`);
  if (to !== undefined) conditions.push(Prisma.sql`st.study_date <= ${to}::date`);
  if (filter.seriesInstanceUids !== undefined) {
    conditions.push(Prisma.sql`EXISTS (
      SELECT 1 FROM series s WHERE s.study_id = st.id AND s.series_instance_uid IN (${list(filter.seriesInstanceUids)}))`);
  }
  return Prisma.join(conditions, " AND ");
}

/** On `i` and its series `se`. */
function instanceConditions(filter: DicomWebFilter): Prisma.Sql {
  const conditions = [
    Prisma.sql`true`,
    ...oneOf(Prisma.sql`se.series_instance_uid`, filter.seriesInstanceUids),
    ...oneOf(Prisma.sql`i.sop_instance_uid`, filter.sopInstanceUids),
    ...oneOf(Prisma.sql`i.sop_class_uid`, filter.sopClassUids),
    ...textCondition(Prisma.sql`i.manufacturer`, filter.manufacturer),
  ];
  if (filter.laterality !== undefined) conditions.push(Prisma.sql`i.laterality::text = ${filter.laterality}`);
  if (filter.view !== undefined) conditions.push(Prisma.sql`i.view::text = ${filter.view}`);
  return Prisma.join(conditions, " AND ");
}

/** A person's unread cases stay away, as on the study pages: age, date and device could unblind them. */
export function viewerCondition(viewer: DicomWebViewer): Prisma.Sql {
  const { scope, userId } = viewer;
  const inScope =
    scope === "all"
      ? Prisma.sql`true`
      : scope.length === 0
        ? Prisma.sql`false`
        : Prisma.sql`st.site_id IN (${Prisma.join(scope.map((siteId) => Prisma.sql`${siteId}::uuid`))})`;
  if (userId === null) return inScope;
  return Prisma.sql`${inScope} AND NOT EXISTS (
    SELECT 1 FROM cases c WHERE c.study_id = st.id AND c.id IN (${pendingCaseIds(userId)}))`;
}

const list = (values: readonly string[]): Prisma.Sql => Prisma.join(values.length === 0 ? [""] : [...values]);

const oneOf = (column: Prisma.Sql, values: readonly string[] | undefined): Prisma.Sql[] =>
  values === undefined ? [] : [Prisma.sql`${column} IN (${list(values)})`];

function textCondition(column: Prisma.Sql, pattern: string | undefined): Prisma.Sql[] {
  if (pattern === undefined) return [];
  if (!/[*?]/.test(pattern)) return [Prisma.sql`${column} = ${pattern}`];
  const like = pattern
    .replace(/[\\%_]/g, (character) => `\\${character}`)
    .replaceAll("*", "%")
    .replaceAll("?", "_");
  return [Prisma.sql`${column} LIKE ${like}`];
}
