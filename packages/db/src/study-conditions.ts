import type { StudyFacet, StudyFacetFilter, StudyFilter } from "@crossread/contracts/study-browser";
import { Prisma } from "./generated/client.ts";
import type { SiteScope } from "./site-scope.ts";

/** Conditions on `study_summaries m JOIN sites s`, as SQL; values are always bound. */

const none = Prisma.sql`TRUE`;

export function scopeCondition(scope: SiteScope): Prisma.Sql {
  return scope === "all" ? none : Prisma.sql`m.site_id = ANY (${[...scope]}::uuid[])`;
}

/** What is no facet: site, study date and search. */
export function plainCondition(filter: StudyFilter): Prisma.Sql {
  const conditions: Prisma.Sql[] = [];
  if (filter.siteId !== undefined) conditions.push(Prisma.sql`m.site_id = ${filter.siteId}::uuid`);
  if (filter.from !== undefined) conditions.push(Prisma.sql`m.study_date >= ${filter.from}::date`);
  if (filter.to !== undefined) conditions.push(Prisma.sql`m.study_date <= ${filter.to}::date`);
  const search = (filter.search ?? "").trim().toLowerCase();
  if (search !== "") {
    conditions.push(Prisma.sql`m.search_text LIKE ${`%${search.replaceAll(/[\\%_]/g, "\\$&")}%`}`);
  }
  return all(conditions);
}

const viewBits = { CC: 5, MLO: 10 } as const;
const lateralityBits = { R: 3, L: 12 } as const;
const bitsOf = (names: readonly string[] | undefined, bits: Readonly<Record<string, number>>) =>
  (names ?? []).reduce((sum, name) => sum | (bits[name] ?? 0), 0);

const facetConditions: Readonly<Record<StudyFacet, (filter: StudyFacetFilter) => Prisma.Sql>> = {
  acquisition: ({ acquisition }) => Prisma.sql`s.acquisition::text = ANY (${acquisition})`,
  device: ({ device }) => Prisma.sql`m.device = ANY (${device})`,
  view: ({ view }) => Prisma.sql`m.view_set & ${bitsOf(view, viewBits)}::int > 0`,
  laterality: ({ laterality }) => Prisma.sql`m.view_set & ${bitsOf(laterality, lateralityBits)}::int > 0`,
  density: ({ density }) => Prisma.sql`m.density = ANY (${density})`,
  label: ({ label }) => Prisma.sql`m.label_state = ANY (${label})`,
  completeness: ({ completeness }) => Prisma.sql`m.completeness = ANY (${completeness})`,
  implant: ({ implant }) =>
    Prisma.sql`m.has_implant = ANY (${implant?.map((value) => value === "implant")}::boolean[])`,
  technical: ({ technical }) =>
    Prisma.sql`(m.technical_labels && ${technical}::text[]
      OR (m.technical_labels = '{}' AND 'plain' = ANY (${technical}::text[])))`,
  age: ({ age }) => Prisma.sql`m.age_band = ANY (${age})`,
  received: ({ received }) => any((received ?? []).map(periodCondition)),
  tag: ({ tag }) =>
    Prisma.sql`EXISTS (SELECT 1 FROM study_tags t WHERE t.study_id = m.study_id AND t.tag = ANY (${tag}))`,
};

/** A month or a day as a range, in UTC, so that an index can serve it. */
function periodCondition(period: string): Prisma.Sql {
  const isMonth = period.length === 7;
  const from = isMonth ? `${period}-01` : period;
  const length = isMonth ? Prisma.sql`interval '1 month'` : Prisma.sql`interval '1 day'`;
  return Prisma.sql`(m.received_at >= ${from}::date::timestamp AT TIME ZONE 'UTC'
    AND m.received_at < (${from}::date + ${length}) AT TIME ZONE 'UTC')`;
}

export const studyFacets = Object.keys(facetConditions) as StudyFacet[];

/** The condition of one facet, undefined where the filter says nothing of it. */
export function facetCondition(filter: StudyFilter, facet: StudyFacet): Prisma.Sql | undefined {
  return filter[facet] === undefined ? undefined : facetConditions[facet](filter);
}

export const everyFacetCondition = (filter: StudyFilter): Prisma.Sql =>
  all(studyFacets.flatMap((facet) => facetCondition(filter, facet) ?? []));

export const all = (conditions: readonly Prisma.Sql[]): Prisma.Sql =>
  conditions.length === 0 ? none : Prisma.join([...conditions], " AND ");

const any = (conditions: readonly Prisma.Sql[]): Prisma.Sql =>
  conditions.length === 0 ? none : Prisma.sql`(${Prisma.join([...conditions], " OR ")})`;
