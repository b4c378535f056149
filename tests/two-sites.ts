import { appendAudit } from "@crossread/db/audit";
import type { Database } from "@crossread/db/database";
import { Prisma } from "../packages/db/src/generated/client.ts";

export interface TwoSites {
  readonly siteIds: { readonly a: string; readonly b: string };
  /** Reads nothing. */
  readonly outsiderId: string;
  /** Reads the case of its site; the reader of "b" holds no role anywhere. */
  readonly readerIds: { readonly a: string; readonly b: string };
}

/** One id for each name, the same in every run. */
const idOf = (name: string) => Prisma.sql`md5(${name})::uuid`;

/**
 * Two sites with a row in every table that has rows of a site. The statements are plain: what the application would
 * write is not the question, only to which site a row belongs.
 */
export async function seedTwoSites(db: Database): Promise<TwoSites> {
  await db.$executeRaw`INSERT INTO users (id, email, name, password_hash) VALUES
    (${idOf("outsider")}, 'outsider@example.org', 'Outsider', 'x'), (${idOf("a reader")}, 'a@example.org', 'A', 'x'),
    (${idOf("b reader")}, 'b@example.org', 'B', 'x')`;
  await db.$executeRaw`INSERT INTO cohorts (id, name, seed) VALUES (${idOf("cohort")}, 'Both', 1)`;
  await db.$executeRaw`INSERT INTO training_runs (id, name, cohort_id, plan)
    VALUES (${idOf("run")}, 'Run', ${idOf("cohort")}, '{}')`;
  await db.$executeRaw`INSERT INTO training_rounds (id, run_id, number) VALUES (${idOf("round")}, ${idOf("run")}, 1)`;
  await db.$executeRaw`INSERT INTO checkpoints (id, name, sha256, blob_key, manifest, round_number)
    VALUES (${idOf("checkpoint")}, 'Model', 'x', 'x', '{}', 1)`;
  await db.$executeRaw`INSERT INTO reader_studies (id, name, cohort_id, checkpoint_id, seed, state)
    VALUES (${idOf("reader study")}, 'Study', ${idOf("cohort")}, ${idOf("checkpoint")}, 1, 'closed')`;
  await db.$executeRaw`INSERT INTO reader_study_readers (reader_study_id, reader_id, place, participation) VALUES
    (${idOf("reader study")}, ${idOf("a reader")}, 0, 'accepted'), (${idOf("reader study")}, ${idOf("b reader")}, 1, 'accepted')`;
  await db.$executeRaw`INSERT INTO arbitration_queues (id, reader_study_id, seed, rules, opened_at)
    VALUES (${idOf("queue")}, ${idOf("reader study")}, 1, '{}', now())`;
  for (const [index, name] of (["a", "b"] as const).entries()) await seedSite(db, name, index);
  const rows = await db.$queryRaw<{ name: string; id: string }[]>`
    SELECT name, md5(name)::uuid::text AS id FROM unnest(${["a site", "b site", "outsider", "a reader", "b reader"]}::text[]) AS name`;
  const known = new Map(rows.map(({ id, name }) => [name, id]));
  const id = (name: string) => known.get(name) ?? "";
  const entry = { actorId: null, action: "x", entityKind: "x", entityId: "x", details: {} };
  for (const siteId of [id("a site"), id("b site")]) await appendAudit(db, { ...entry, siteId });
  return {
    siteIds: { a: id("a site"), b: id("b site") },
    outsiderId: id("outsider"),
    readerIds: { a: id("a reader"), b: id("b reader") },
  };
}

async function seedSite(db: Database, name: "a" | "b", index: number): Promise<void> {
  const id = (what: string) => idOf(`${name} ${what}`);
  const site = id("site");
  await db.$executeRaw`INSERT INTO sites (id, code, name, colour_index, acquisition)
    VALUES (${site}, ${name}, ${name}, ${index}, 'digital')`;
  await db.$executeRaw`INSERT INTO memberships (id, user_id, site_id, role)
    VALUES (${id("membership")}, ${idOf("outsider")}, ${site}, 'coordinator')`;
  await seedStudies(db, id, name);
  await seedArrivals(db, id, name);
  await seedLabels(db, id);
  await seedReading(db, id, index);
  await db.$executeRaw`INSERT INTO training_run_sites (run_id, site_id) VALUES (${idOf("run")}, ${site})`;
  await db.$executeRaw`INSERT INTO site_updates (id, round_id, site_id) VALUES (${id("update")}, ${idOf("round")}, ${site})`;
  await db.$executeRaw`INSERT INTO evaluations (id, checkpoint_id, cohort_id, site_id, split, report)
    VALUES (${id("evaluation")}, ${idOf("checkpoint")}, ${idOf("cohort")}, ${site}, 'tuning', '{}')`;
  await db.$executeRaw`INSERT INTO background_jobs (id, kind, title, state, site_id)
    VALUES (${`${name} job`}, 'ingest', 'Ingest', 'running', ${site})`;
}

type IdOf = (what: string) => Prisma.Sql;

/** Two patients, so that there is a pair of images and a link. */
async function seedStudies(db: Database, id: IdOf, name: string): Promise<void> {
  const site = id("site");
  for (const one of ["one", "two"]) {
    const [subject, study, row] = [id(`subject ${one}`), id(`study ${one}`), id(`case ${one}`)];
    await db.$executeRaw`INSERT INTO subjects (id, site_id, pseudonym) VALUES (${subject}, ${site}, ${one})`;
    await db.$executeRaw`INSERT INTO studies (id, site_id, subject_id, study_instance_uid)
      VALUES (${study}, ${site}, ${subject}, ${`${name}.${one}`})`;
    await db.$executeRaw`INSERT INTO series (id, study_id, series_instance_uid)
      VALUES (${id(`series ${one}`)}, ${study}, ${`${name}.${one}.1`})`;
    await db.$executeRaw`INSERT INTO cases (id, site_id, subject_id, study_id, label)
      VALUES (${row}, ${site}, ${subject}, ${study}, ${one})`;
    await db.$executeRaw`INSERT INTO instances (id, site_id, series_id, case_id, sop_instance_uid, laterality, view, rows,
        columns, bits_stored, photometric_interpretation, blob_key, sha256, size_bytes)
      VALUES (${id(`image ${one}`)}, ${site}, ${id(`series ${one}`)}, ${row}, ${`${name}.${one}.1.1`}, 'L', 'CC', 1, 1, 8,
        'MONOCHROME2', 'x', 'x', 1)`;
  }
  await db.$executeRaw`INSERT INTO deidentification_receipts (study_id, content, issued_at)
    VALUES (${id("study one")}, '{}', now())`;
  await db.$executeRaw`INSERT INTO study_tags (study_id, tag, created_at) VALUES (${id("study one")}, 'x', now())`;
  await db.$executeRaw`INSERT INTO cohort_subjects (cohort_id, subject_id, site_id, split)
    VALUES (${idOf("cohort")}, ${id("subject one")}, ${site}, 'train')`;
  await db.$executeRaw`INSERT INTO cohort_cases (cohort_id, case_id, subject_id, split)
    VALUES (${idOf("cohort")}, ${id("case one")}, ${id("subject one")}, 'train')`;
  await db.$executeRaw`INSERT INTO image_pairs (id, first_instance_id, second_instance_id, kind, score, transform, found_at)
    VALUES (${id("pair")}, ${id("image one")}, ${id("image two")}, 'near', 1, '{}', now())`;
  await db.$executeRaw`INSERT INTO pair_decisions (id, pair_id, verdict, reason, decided_at)
    VALUES (${id("decision")}, ${id("pair")}, 'no-leak', 'x', now())`;
  await db.$executeRaw`INSERT INTO subject_links (id, first_subject_id, second_subject_id, reason, linked_at)
    VALUES (${id("link")}, ${id("subject one")}, ${id("subject two")}, 'x', now())`;
  await db.$executeRaw`INSERT INTO predictions (id, checkpoint_id, instance_id, score)
    VALUES (${id("prediction")}, ${idOf("checkpoint")}, ${id("image one")}, 0.5)`;
  await db.$executeRaw`INSERT INTO saliency_maps (id, checkpoint_id, instance_id, class_label, layer, blob_key, width_px,
      height_px, transform)
    VALUES (${id("map")}, ${idOf("checkpoint")}, ${id("image one")}, 'malignant', 'x', 'x', 1, 1, '{}')`;
  await db.$executeRaw`INSERT INTO reader_study_map_measures (reader_study_id, saliency_map_id, target, input_digest, measures)
    VALUES (${idOf("reader study")}, ${id("map")}, 'reference', 'x', '{}')`;
}

async function seedArrivals(db: Database, id: IdOf, name: string): Promise<void> {
  const site = id("site");
  await db.$executeRaw`INSERT INTO api_tokens (id, site_id, created_by, name, token_hash)
    VALUES (${id("token")}, ${site}, ${idOf("outsider")}, 'x', ${name})`;
  await db.$executeRaw`INSERT INTO dimse_endpoints (site_id, ae_title) VALUES (${site}, ${name})`;
  await db.$executeRaw`INSERT INTO dimse_peers (id, site_id, ae_title, address) VALUES (${id("peer")}, ${site}, 'x', '::1')`;
  await db.$executeRaw`INSERT INTO uploads (id, site_id, source) VALUES (${id("upload")}, ${site}, 'stow')`;
  await db.$executeRaw`INSERT INTO upload_files (id, upload_id, site_id) VALUES (${id("file")}, ${id("upload")}, ${site})`;
  await db.$executeRaw`INSERT INTO refused_files (id, site_id, sha256, size_bytes, code, message, remedy)
    VALUES (${id("refusal")}, ${site}, 'x', 1, 'x', 'x', 'x')`;
  await db.$executeRaw`INSERT INTO held_files (file_id, site_id, refused_file_id, blob_key, blob_sha256, preview_key,
      manufacturer, model, rows, columns, regions, deidentification)
    VALUES (${id("file")}, ${site}, ${id("refusal")}, 'x', 'x', 'x', 'x', 'x', 1, 1, '[]', '{}')`;
  await db.$executeRaw`INSERT INTO pixel_rules (id, site_id, manufacturer, model, rows, columns, kind, regions)
    VALUES (${id("rule")}, ${site}, 'x', 'x', 1, 1, 'allow', '[]')`;
}

async function seedLabels(db: Database, id: IdOf): Promise<void> {
  const [site, row] = [id("site"), id("case one")];
  await db.$executeRaw`INSERT INTO reference_standards (id, case_id, laterality, finding, source)
    VALUES (${id("standard")}, ${row}, 'L', 'normal', 'data-set')`;
  await db.$executeRaw`INSERT INTO assessments (id, case_id, kind, value, source, created_at)
    VALUES (${id("assessment")}, ${row}, 'density', 'C', 'reader', now())`;
  await db.$executeRaw`INSERT INTO label_imports (id, site_id, created_at, reason, file_sha256, row_count, new_count,
      changed_count, same_count, refused_count)
    VALUES (${id("import")}, ${site}, now(), 'x', 'x', 1, 1, 0, 0, 0)`;
  await db.$executeRaw`INSERT INTO label_import_rows (import_id, row_number, case_id, outcome)
    VALUES (${id("import")}, 1, ${row}, 'new')`;
  await db.$executeRaw`INSERT INTO label_mappings (site_id, mapping, updated_at) VALUES (${site}, '{}', now())`;
  await db.$executeRaw`INSERT INTO annotations (id, instance_id, source, geometry, kind)
    VALUES (${id("mark")}, ${id("image one")}, 'reference', '{}', 'mass')`;
}

/** The site's reader reads case one and arbitrates case two. */
async function seedReading(db: Database, id: IdOf, index: number): Promise<void> {
  const study = idOf("reader study");
  await db.$executeRaw`INSERT INTO reading_assignments (id, reader_study_id, reader_id, case_id, position)
    VALUES (${id("assignment")}, ${study}, ${id("reader")}, ${id("case one")}, 0)`;
  await db.$executeRaw`INSERT INTO readings (id, assignment_id, condition, answers)
    VALUES (${id("reading")}, ${id("assignment")}, 'unaided', '{}')`;
  await db.$executeRaw`INSERT INTO final_assessments (reader_study_id, case_id, laterality, reader_id, reading_id, condition,
      birads, suspicion)
    VALUES (${study}, ${id("case one")}, 'L', ${id("reader")}, ${id("reading")}, 'unaided', '1', 0)`;
  await db.$executeRaw`INSERT INTO map_ratings (id, reading_id, answers) VALUES (${id("rating")}, ${id("reading")}, '{}')`;
  await db.$executeRaw`INSERT INTO consensus_readings (reference_standard_id, reading_id)
    VALUES (${id("standard")}, ${id("reading")})`;
  await db.$executeRaw`INSERT INTO discordances (id, queue_id, case_id, laterality, kind, statement, created_at)
    VALUES (${id("discordance")}, ${idOf("queue")}, ${id("case two")}, 'L', 'reader-reader', 'x', now())`;
  await db.$executeRaw`INSERT INTO arbitrations (id, queue_id, case_id, arbitrator_id, position)
    VALUES (${id("arbitration")}, ${idOf("queue")}, ${id("case two")}, ${id("reader")}, ${index})`;
  await db.$executeRaw`INSERT INTO arbitration_readings (id, arbitration_id, step, answers, started_at)
    VALUES (${id("arbitration reading")}, ${id("arbitration")}, 'independent', '{}', now())`;
}
