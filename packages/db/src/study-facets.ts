import type { StudyFacet, StudyFilter } from "@crossread/contracts/study-browser";
import { pendingCaseIds } from "./blinding.ts";
import type { Database } from "./database.ts";
import { Prisma } from "./generated/client.ts";
import type { ImageViewer } from "./image-access.ts";
import { facetCondition, plainCondition, scopeCondition, studyFacets } from "./study-conditions.ts";

export interface FacetValue {
  readonly value: string;
  readonly studyCount: number;
}

/** For each facet how many studies each value has, with the filters of all other facets applied. */
export interface StudyFacetCounts {
  readonly studyCount: number;
  readonly facets: Readonly<Record<StudyFacet | "site", readonly FacetValue[]>>;
}

const countedTags = 40;
const monthsOfDays = 2;

/** One statement: the studies in question once, each facet a count over them. */
export async function countStudyFacets(
  db: Database,
  viewer: ImageViewer,
  filter: StudyFilter,
): Promise<StudyFacetCounts> {
  const rows = await db.$queryRaw<{ facet: string; value: string | null; studyCount: number }[]>(
    facetStatement(viewer, filter),
  );
  const facets: Record<StudyFacet | "site", FacetValue[]> = {
    site: [],
    acquisition: [],
    device: [],
    view: [],
    laterality: [],
    density: [],
    label: [],
    completeness: [],
    implant: [],
    age: [],
    received: [],
    tag: [],
  };
  let total = 0;
  for (const { facet, value, studyCount } of rows) {
    if (facet === "total") total = studyCount;
    else if (facet in facets && value !== null && studyCount > 0) {
      facets[facet as StudyFacet | "site"].push({ value, studyCount });
    }
  }
  return { studyCount: total, facets };
}

/** Exported for the test of its plan. */
export function facetStatement(viewer: ImageViewer, filter: StudyFilter): Prisma.Sql {
  // The site is a facet here although it is no list: its bars count all sites in scope.
  const { siteId, ...rest } = filter;
  const conditions = [
    siteId === undefined ? undefined : Prisma.sql`m.site_id = ${siteId}::uuid`,
    ...studyFacets.map((facet) => facetCondition(filter, facet)),
  ];
  // One bit a facet whose condition the study does not meet.
  const misses = conditions.flatMap((condition, index) =>
    condition === undefined ? [] : [Prisma.sql`CASE WHEN ${condition} THEN 0 ELSE ${1 << index}::int END`],
  );
  const bit = (facet: StudyFacet) => 1 << (studyFacets.indexOf(facet) + 1);
  const met = (own: number) => Prisma.sql`misses & ~${own}::int = 0`;
  const byColumn = (facet: StudyFacet, column: Prisma.Sql) => Prisma.sql`
    SELECT ${facet} AS facet, ${column}::text AS value, count(*)::int AS "studyCount"
    FROM base WHERE ${met(bit(facet))} GROUP BY 2`;
  const byBits = (facet: StudyFacet, name: string, bits: number) => Prisma.sql`
    SELECT ${facet}, ${name}, count(*)::int FROM base WHERE ${met(bit(facet))} AND view_set & ${bits}::int > 0`;
  return Prisma.sql`
    WITH base AS MATERIALIZED (
      SELECT m.study_id, m.site_id, s.acquisition, m.device, m.density, m.label_state, m.completeness,
        m.has_implant, m.age_band, m.view_set, m.received_at,
        ${misses.length === 0 ? Prisma.sql`0` : Prisma.join(misses, " + ")} AS misses
      FROM study_summaries m JOIN sites s ON s.id = m.site_id
      WHERE ${scopeCondition(viewer.scope)} AND ${plainCondition(rest)}
        AND m.case_id NOT IN (${pendingCaseIds(viewer.userId)})
    ),
    days AS (
      SELECT (received_at AT TIME ZONE 'UTC')::date AS day, count(*)::int AS n
      FROM base WHERE ${met(bit("received"))} GROUP BY 1
    )
    SELECT 'total' AS facet, NULL::text AS value, count(*)::int AS "studyCount" FROM base WHERE misses = 0
    UNION ALL SELECT 'site', site_id::text, count(*)::int FROM base WHERE ${met(1)} GROUP BY 2
    UNION ALL ${byColumn("acquisition", Prisma.sql`acquisition`)}
    UNION ALL ${byColumn("device", Prisma.sql`device`)}
    UNION ALL ${byColumn("density", Prisma.sql`density`)}
    UNION ALL ${byColumn("label", Prisma.sql`label_state`)}
    UNION ALL ${byColumn("completeness", Prisma.sql`completeness`)}
    UNION ALL ${byColumn("implant", Prisma.sql`CASE WHEN has_implant THEN 'implant' ELSE 'none known' END`)}
    UNION ALL ${byColumn("age", Prisma.sql`age_band`)}
    UNION ALL ${byBits("view", "CC", 5)}
    UNION ALL ${byBits("view", "MLO", 10)}
    UNION ALL ${byBits("laterality", "R", 3)}
    UNION ALL ${byBits("laterality", "L", 12)}
    UNION ALL SELECT 'received', to_char(day, 'YYYY-MM-DD'), n FROM days
      WHERE (SELECT max(day) < min(day) + make_interval(months => ${monthsOfDays}::int) FROM days)
    UNION ALL SELECT 'received', to_char(day, 'YYYY-MM'), sum(n)::int FROM days
      WHERE (SELECT max(day) >= min(day) + make_interval(months => ${monthsOfDays}::int) FROM days) GROUP BY 2
    UNION ALL (SELECT 'tag', t.tag, count(*)::int FROM base JOIN study_tags t ON t.study_id = base.study_id
      WHERE ${met(bit("tag"))} GROUP BY 2 ORDER BY 3 DESC, 2 LIMIT ${countedTags}::int)`;
}
