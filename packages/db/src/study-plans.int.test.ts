import { afterAll, beforeAll, expect, test } from "vitest";
import { testDatabase, type TestDatabase } from "../../../tests/test-database.ts";
import { Prisma } from "./generated/client.ts";
import { underScope } from "./row-scope.ts";
import { facetStatement } from "./study-facets.ts";
import { pageStatement, type StudyPageRequest } from "./study-page.ts";
import { listStudies } from "./studies.ts";

let database: TestDatabase;

beforeAll(async () => {
  database = await testDatabase();
  const { db } = database;
  await db.$executeRaw`INSERT INTO sites (id, code, name, colour_index, acquisition)
    VALUES (gen_random_uuid(), 'a', 'A', 0, 'digital'), (gen_random_uuid(), 'b', 'B', 1, 'digital')`;
  await db.$executeRaw`INSERT INTO subjects (id, site_id, pseudonym)
    SELECT gen_random_uuid(), (SELECT id FROM sites WHERE code = CASE WHEN n % 2 = 0 THEN 'a' ELSE 'b' END), md5(n::text)
    FROM generate_series(1, 3000) n`;
  await db.$executeRaw`INSERT INTO studies (id, site_id, subject_id, study_instance_uid, received_at, study_date)
    SELECT gen_random_uuid(), site_id, id, '2.25.' || row_number() OVER (), now() - row_number() OVER () * interval '1 hour',
      DATE '2020-01-01' + (row_number() OVER ())::int
    FROM subjects`;
  await db.$executeRaw`INSERT INTO cases (id, site_id, subject_id, study_id, label)
    SELECT gen_random_uuid(), s.site_id, s.subject_id, s.id, p.pseudonym
    FROM studies s JOIN subjects p ON p.id = s.subject_id`;
  await db.$executeRawUnsafe("ANALYZE");
});
afterAll(async () => {
  await database[Symbol.asyncDispose]();
});

/** As the web application has it, under row-level security. */
const web = () => underScope(database.web, { sites: "all", personId: viewer.userId });

async function planOf(statement: Prisma.Sql): Promise<string> {
  const rows = await web().$queryRaw<{ "QUERY PLAN": string }[]>(
    Prisma.sql`EXPLAIN (COSTS OFF) ${statement}`,
  );
  return rows.map((row) => row["QUERY PLAN"]).join("\n");
}

const viewer = { userId: "00000000-0000-7000-8000-000000000001", scope: "all" } as const;
const page = { viewer, filter: {}, pageSize: 48 } as const;

test("each order of the list walks an index of its own and sorts nothing", async () => {
  const indexes = {
    "received-newest": "study_summaries_received_at_idx",
    "received-oldest": "study_summaries_received_at_idx",
    "study-date-newest": "study_summaries_study_date_idx",
    "study-date-oldest": "study_summaries_study_date_idx",
    name: "study_summaries_label_idx",
  } as const;
  for (const sort of Object.keys(indexes) as (keyof typeof indexes)[]) {
    const plan = await planOf(pageStatement({ ...page, sort }));
    expect(plan, sort).toContain(indexes[sort]);
    expect(plan, sort).not.toContain("Sort");
  }
});

test("a later page begins in the index where the page before it ended", async () => {
  const request: StudyPageRequest = { ...page, sort: "received-newest", pageSize: 100 };
  const { next } = await listStudies(database.db, request);
  const plan = await planOf(pageStatement({ ...request, from: { side: "after", cursor: next ?? "" } }));
  expect(plan).toMatch(/Index Cond: \(ROW\(m?\.?received_at, m?\.?study_id\) </);
});

test("one site's list walks the index of its site", async () => {
  const site = await database.db.site.findFirstOrThrow();
  const plan = await planOf(pageStatement({ ...page, filter: { siteId: site.id }, sort: "received-newest" }));
  expect(plan).toMatch(/study_summaries_(site_id_)?received_at_idx/);
  expect(plan).not.toContain("Sort");
});

test("a search can go through the index of letter triples", async () => {
  const statement = pageStatement({ ...page, filter: { search: "c4ca42" }, sort: "received-newest" });
  // Three thousand rows are read faster than any index: what is asked is whether the condition fits it.
  const rows = await web().$transaction(async (tx) => {
    await tx.$executeRaw`SET LOCAL enable_seqscan = off`;
    await tx.$executeRaw`SET LOCAL enable_indexscan = off`;
    return tx.$queryRaw<{ "QUERY PLAN": string }[]>(Prisma.sql`EXPLAIN (COSTS OFF) ${statement}`);
  });
  expect(rows.map((row) => row["QUERY PLAN"]).join("\n")).toContain("study_summaries_search_text_idx");
});

test("all charts come from one pass over the summaries, whatever is filtered", async () => {
  for (const filter of [{}, { label: ["malignant" as const], density: ["C"], received: ["2026-01"] }]) {
    const plan = await planOf(facetStatement(viewer, filter));
    expect(plan.match(/on study_summaries/g)).toHaveLength(1);
    expect(plan).not.toMatch(/ instances|reference_standards/);
  }
});
