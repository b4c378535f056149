import type { StudyFacet, StudyFilter } from "@crossread/contracts/study-browser";
import { pendingCaseIds } from "./blinding.ts";
import type { Database } from "./database.ts";
import { Prisma } from "./generated/client.ts";
import type { ImageViewer } from "./image-access.ts";
import {
  everyFacetCondition,
  facetCondition,
  plainCondition,
  scopeCondition,
  studyFacets,
} from "./study-conditions.ts";

export interface FacetValue {
  readonly value: string;
  readonly studyCount: number;
}

export type CountedFacet = StudyFacet | "site";

/** For each facet how many studies each value has, with the filters of all other facets applied. */
export interface StudyFacetCounts {
  /** With all filters applied. */
  readonly studyCount: number;
  /** Cases kept out of sight because the caller still has to read them blind. */
  readonly blindedCount: number;
  readonly facets: Readonly<Record<CountedFacet, readonly FacetValue[]>>;
}

/** What a study has one value of: each is a grouping set of the one statement. */
const columns = {
  site: Prisma.sql`m.site_id`,
  acquisition: Prisma.sql`s.acquisition`,
  device: Prisma.sql`m.device`,
  density: Prisma.sql`m.density`,
  label: Prisma.sql`m.label_state`,
  completeness: Prisma.sql`m.completeness`,
  implant: Prisma.sql`m.has_implant`,
  age: Prisma.sql`m.age_band`,
  received: Prisma.sql`(m.received_at AT TIME ZONE 'UTC')::date`,
  /** Serves two facets: of each view and of each breast. */
  viewSet: Prisma.sql`m.view_set`,
  /** Of each label that some image has. */
  technicalSet: Prisma.sql`m.technical_labels`,
} as const satisfies Partial<Record<CountedFacet | "viewSet" | "technicalSet", Prisma.Sql>>;
const grouped = Object.keys(columns) as (keyof typeof columns)[];

const viewBits = { CC: 5, MLO: 10 } as const;
const lateralityBits = { R: 3, L: 12 } as const;

const countedTags = 40;
const daysShownAsDays = 62;

interface GroupRow {
  /** Which grouping set the row is of: a bit is set where its column is not grouped by. */
  readonly mask: number;
  readonly value: string | null;
  /** Studies that meet every filter. */
  readonly met: number;
  /** For each filtering facet the studies that meet the filters of all others. */
  readonly othersMet: readonly number[];
}

/** One pass over the studies in question, however many facets; tags and blinded cases are few and counted apart. */
export async function countStudyFacets(
  db: Database,
  viewer: ImageViewer,
  filter: StudyFilter,
): Promise<StudyFacetCounts> {
  const filtering = filteringFacets(filter);
  const [rows, tags, blinded] = await Promise.all([
    db.$queryRaw<GroupRow[]>(facetStatement(viewer, filter)),
    db.$queryRaw<FacetValue[]>(tagStatement(viewer, filter)),
    db.$queryRaw<{ blindedCount: number }[]>(blindedStatement(viewer, filter)),
  ]);
  const counts = new Map<CountedFacet, Map<string, number>>();
  let total = 0;
  const add = (facet: CountedFacet, value: string, row: GroupRow) => {
    const place = filtering.indexOf(facet);
    const studyCount = place < 0 ? row.met : (row.othersMet[place] ?? 0);
    const values = counts.get(facet) ?? new Map<string, number>();
    if (studyCount > 0) counts.set(facet, values.set(value, (values.get(value) ?? 0) + studyCount));
  };
  for (const row of rows) {
    const name = grouped.find((_, index) => row.mask === maskOf(index));
    const value = row.value ?? "unknown";
    if (name === undefined) total = row.met;
    else if (name === "implant") add(name, value === "true" ? "implant" : "none known", row);
    else if (name === "viewSet") {
      for (const [view, bits] of Object.entries(viewBits)) if (Number(value) & bits) add("view", view, row);
      for (const [side, bits] of Object.entries(lateralityBits)) {
        if (Number(value) & bits) add("laterality", side, row);
      }
    } else if (name === "technicalSet") {
      for (const label of labelsIn(value)) add("technical", label, row);
    } else add(name, value, row);
  }
  const valuesOf = (facet: CountedFacet): FacetValue[] =>
    [...(counts.get(facet) ?? [])].map(([value, studyCount]) => ({ value, studyCount }));
  return {
    studyCount: total,
    blindedCount: blinded[0]?.blindedCount ?? 0,
    facets: {
      site: valuesOf("site"),
      acquisition: valuesOf("acquisition"),
      device: valuesOf("device"),
      view: valuesOf("view"),
      laterality: valuesOf("laterality"),
      density: valuesOf("density"),
      label: valuesOf("label"),
      completeness: valuesOf("completeness"),
      implant: valuesOf("implant"),
      technical: valuesOf("technical"),
      age: valuesOf("age"),
      received: byMonthWhereLong(valuesOf("received")),
      tag: tags,
    },
  };
}

/** In the order of their bits; the site is a facet here although it is no list: its bars count all sites in scope. */
const filteringFacets = (filter: StudyFilter): CountedFacet[] => [
  ...studyFacets.filter((facet) => filter[facet] !== undefined),
  ...(filter.siteId === undefined ? [] : ["site" as const]),
];

const allBits = (1 << grouped.length) - 1;
/** The first column of GROUPING() is its highest bit. */
const maskOf = (index: number) => allBits & ~(1 << (grouped.length - 1 - index));

/** PostgreSQL's text of an array of labels, none of which needs quotes. */
const labelsIn = (set: string): readonly string[] => (set === "{}" ? ["plain"] : set.slice(1, -1).split(","));

function byMonthWhereLong(days: readonly FacetValue[]): readonly FacetValue[] {
  const sorted = days.toSorted((a, b) => (a.value < b.value ? -1 : 1));
  const [first, last] = [sorted[0]?.value, sorted.at(-1)?.value];
  if (first === undefined || last === undefined) return sorted;
  if ((Date.parse(last) - Date.parse(first)) / 86_400_000 <= daysShownAsDays) return sorted;
  const months = new Map<string, number>();
  for (const { value, studyCount } of sorted) {
    const month = value.slice(0, 7);
    months.set(month, (months.get(month) ?? 0) + studyCount);
  }
  return [...months].map(([value, studyCount]) => ({ value, studyCount }));
}

/** Exported for the test of its plan. */
export function facetStatement(viewer: ImageViewer, filter: StudyFilter): Prisma.Sql {
  const { siteId, ...plain } = filter;
  // One bit for each filtering facet whose condition the study does not meet.
  const misses = filteringFacets(filter).map((facet, bit) => {
    const condition =
      facet === "site" ? Prisma.sql`m.site_id = ${siteId}::uuid` : facetCondition(filter, facet);
    return Prisma.sql`CASE WHEN ${condition ?? Prisma.sql`TRUE`} THEN 0 ELSE ${1 << bit}::int END`;
  });
  const column = (name: string) => Prisma.raw(`"${name}"`);
  const names = Prisma.join(grouped.map(column));
  const othersMet = misses.map(
    (_, bit) => Prisma.sql`count(*) FILTER (WHERE misses & ~${1 << bit}::int = 0)::int`,
  );
  return Prisma.sql`
    SELECT GROUPING(${names})::int AS mask,
      coalesce(${Prisma.join(grouped.map((name) => Prisma.sql`${column(name)}::text`))}) AS value,
      count(*) FILTER (WHERE misses = 0)::int AS met,
      ${othersMet.length === 0 ? Prisma.sql`'{}'::int[]` : Prisma.sql`ARRAY[${Prisma.join(othersMet)}]`} AS "othersMet"
    FROM (
      SELECT ${Prisma.join(grouped.map((name) => Prisma.sql`${columns[name]} AS ${column(name)}`))},
        ${misses.length === 0 ? Prisma.sql`0` : Prisma.join(misses, " + ")} AS misses
      FROM study_summaries m JOIN sites s ON s.id = m.site_id
      WHERE ${scopeCondition(viewer.scope)} AND ${plainCondition(plain)}
        AND m.case_id NOT IN (${pendingCaseIds(viewer.userId)})
    ) counted
    GROUP BY GROUPING SETS (${Prisma.join(grouped.map((name) => Prisma.sql`(${column(name)})`))}, ())`;
}

function tagStatement(viewer: ImageViewer, filter: StudyFilter): Prisma.Sql {
  const { tag: _tag, ...others } = filter;
  return Prisma.sql`
    SELECT t.tag AS value, count(*)::int AS "studyCount"
    FROM study_tags t JOIN study_summaries m ON m.study_id = t.study_id JOIN sites s ON s.id = m.site_id
    WHERE ${scopeCondition(viewer.scope)} AND ${plainCondition(others)} AND ${everyFacetCondition(others)}
      AND m.case_id NOT IN (${pendingCaseIds(viewer.userId)})
    GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT ${countedTags}::int`;
}

/** By what no label decides: a count of blinded cases by finding would tell. */
function blindedStatement(viewer: ImageViewer, filter: StudyFilter): Prisma.Sql {
  const { label: _label, density: _density, tag: _tag, ...open } = filter;
  return Prisma.sql`
    SELECT count(*)::int AS "blindedCount"
    FROM study_summaries m JOIN sites s ON s.id = m.site_id
    WHERE m.case_id IN (${pendingCaseIds(viewer.userId)})
      AND ${scopeCondition(viewer.scope)} AND ${plainCondition(open)} AND ${everyFacetCondition(open)}`;
}
