import { PrismaPg } from "@prisma/adapter-pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { testDatabase, type TestDatabase } from "../../../tests/test-database.ts";
import { PrismaClient } from "./generated/client.ts";
import { loadPriors } from "./reading-images.ts";
import { loadStudy } from "./study-detail.ts";

let database: TestDatabase;

/** A thousand four-view cases with scores and two maps an image: of each table ANALYZE reads every row. */
beforeAll(async () => {
  database = await testDatabase();
  const { db } = database;
  await db.$executeRaw`INSERT INTO sites (id, code, name, colour_index, acquisition)
    VALUES (gen_random_uuid(), 'load', 'Load', 0, 'digital')`;
  await db.$executeRaw`INSERT INTO subjects (id, site_id, pseudonym)
    SELECT gen_random_uuid(), id, md5(n::text) FROM sites, generate_series(1, 1000) n`;
  await db.$executeRaw`INSERT INTO studies (id, site_id, subject_id, study_instance_uid, study_date)
    SELECT gen_random_uuid(), site_id, id, '2.25.' || row_number() OVER (), DATE '2024-01-01' FROM subjects`;
  await db.$executeRaw`INSERT INTO series (id, study_id, series_instance_uid)
    SELECT gen_random_uuid(), id, study_instance_uid || '.1' FROM studies`;
  await db.$executeRaw`INSERT INTO cases (id, site_id, subject_id, study_id, label)
    SELECT gen_random_uuid(), site_id, subject_id, id, study_instance_uid FROM studies`;
  await db.$executeRaw`INSERT INTO instances (id, site_id, series_id, case_id, sop_instance_uid, laterality, view, rows,
      columns, bits_stored, photometric_interpretation, blob_key, sha256, size_bytes, compared_at)
    SELECT gen_random_uuid(), c.site_id, e.id, c.id, e.series_instance_uid || '.' || v.n, v.laterality::"Laterality",
      v.view::"View", 400, 300, 12, 'MONOCHROME2', e.id || '/' || v.n, md5(e.id::text || v.n), 1, now()
    FROM cases c JOIN series e ON e.study_id = c.study_id
    CROSS JOIN (VALUES (1, 'R', 'CC'), (2, 'R', 'MLO'), (3, 'L', 'CC'), (4, 'L', 'MLO')) v (n, laterality, view)`;
  await db.$executeRaw`INSERT INTO checkpoints (id, name, sha256, blob_key, manifest, round_number)
    VALUES (gen_random_uuid(), 'Load', 'load', 'checkpoints/load', '{}', 0)`;
  await db.$executeRaw`INSERT INTO predictions (id, checkpoint_id, instance_id, score)
    SELECT gen_random_uuid(), k.id, i.id, 0.5 FROM instances i, checkpoints k`;
  await db.$executeRaw`INSERT INTO saliency_maps (id, checkpoint_id, instance_id, class_label, layer, blob_key, width_px,
      height_px, transform)
    SELECT gen_random_uuid(), k.id, i.id, l.label::"Finding", 'cbam', 'maps/' || i.id || l.label, 384, 512,
      '{"imageWidthPx":300,"imageHeightPx":400,"inputSizePx":224,"scale":0.56,"offsetXPx":28,"offsetYPx":0}'
    FROM instances i, checkpoints k, (VALUES ('malignant'), ('benign')) l (label)`;
  await db.$executeRawUnsafe("ANALYZE");
});
afterAll(async () => {
  await database[Symbol.asyncDispose]();
});

/** The plans of every statement that a repository sends, for whatever parameters. */
async function plansOf(call: (db: PrismaClient) => Promise<unknown>): Promise<string> {
  const adapter = new PrismaPg({ connectionString: database.connectionString });
  const logged = new PrismaClient({ adapter, log: [{ emit: "event", level: "query" }] });
  const statements: string[] = [];
  logged.$on("query", ({ query }) => statements.push(query));
  await call(logged);
  await logged.$disconnect();
  const plans: string[] = [];
  for (const statement of statements.filter((each) => /^\s*(SELECT|WITH)\b/.test(each))) {
    const rows = await database.db.$queryRawUnsafe<{ "QUERY PLAN": string }[]>(
      `EXPLAIN (COSTS OFF, GENERIC_PLAN) ${statement}`,
    );
    plans.push(rows.map((row) => row["QUERY PLAN"]).join("\n"));
  }
  return plans.join("\n\n");
}

test("earlier studies of a patient are looked up by patient and date", async () => {
  const { id } = await database.db.case.findFirstOrThrow();
  const plans = await plansOf((db) => loadPriors(db, id));
  expect(plans).toContain("studies_subject_id_study_date_idx");
  expect(plans).not.toContain("Seq Scan on studies");
});

test("scores and maps of one study's images are looked up by image, not read through", async () => {
  const { id } = await database.db.study.findFirstOrThrow();
  const viewer = { userId: "00000000-0000-7000-8000-000000000001", scope: "all" } as const;
  const plans = await plansOf((db) => loadStudy(db, viewer, id));
  expect(plans).toContain("predictions_instance_id_idx");
  expect(plans).not.toMatch(/Seq Scan on (predictions|saliency_maps|instances)/);
});
