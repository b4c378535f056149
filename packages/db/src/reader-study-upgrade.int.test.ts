import { randomUUID } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import pg from "pg";
import { expect, inject, test } from "vitest";

const migrations = join(import.meta.dirname, "../../../prisma/migrations");
const upgrade = "20261123124000_reader_study_design";

/** A database as it stood before reader studies had designs and invitations. */
async function oldDatabase(): Promise<pg.Client> {
  const url = new URL(inject("postgresUrl"));
  const name = `upgrade_${randomUUID().replaceAll("-", "")}`;
  const server = new pg.Client({ connectionString: url.toString() });
  await server.connect();
  await server.query(`create database ${name}`);
  await server.end();
  url.pathname = `/${name}`;
  const client = new pg.Client({ connectionString: url.toString() });
  await client.connect();
  const folders = (await readdir(migrations)).filter((folder) => /^\d/.test(folder)).toSorted();
  for (const folder of folders.filter((each) => each < upgrade)) {
    await client.query(await readFile(join(migrations, folder, "migration.sql"), "utf8"));
  }
  return client;
}

test("readers of an open study have accepted, a draft's are planned, and what was submitted stays so", async () => {
  const client = await oldDatabase();
  const id = () => randomUUID();
  const ids = { site: id(), subject: id(), study: id(), next: id(), cohort: id(), checkpoint: id() };
  const [readerA, readerB, caseA, caseB] = [id(), id(), id(), id()];
  const [open, draft] = [id(), id()];
  await client.query(`
    INSERT INTO sites (id, code, name, colour_index, acquisition) VALUES ('${ids.site}', 's', 'S', 0, 'synthetic');
    INSERT INTO users (id, email, name, password_hash) VALUES
      ('${readerA}', 'a@example.org', 'A', 'x'), ('${readerB}', 'b@example.org', 'B', 'x');
    INSERT INTO subjects (id, site_id, pseudonym) VALUES ('${ids.subject}', '${ids.site}', 'P');
    INSERT INTO studies (id, site_id, subject_id, study_instance_uid) VALUES
      ('${ids.study}', '${ids.site}', '${ids.subject}', '2.25.1'),
      ('${ids.next}', '${ids.site}', '${ids.subject}', '2.25.2');
    INSERT INTO cases (id, site_id, subject_id, study_id, label) VALUES
      ('${caseA}', '${ids.site}', '${ids.subject}', '${ids.study}', 'A'),
      ('${caseB}', '${ids.site}', '${ids.subject}', '${ids.next}', 'B');
    INSERT INTO cohorts (id, name, seed) VALUES ('${ids.cohort}', 'C', 1);
    INSERT INTO checkpoints (id, name, sha256, blob_key, manifest, round_number) VALUES
      ('${ids.checkpoint}', 'c', 'c', 'c', '{}', 0);
    INSERT INTO reader_studies (id, name, cohort_id, checkpoint_id, seed, state) VALUES
      ('${open}', 'Open', '${ids.cohort}', '${ids.checkpoint}', 1, 'open'),
      ('${draft}', 'Draft', '${ids.cohort}', '${ids.checkpoint}', 1, 'draft');`);
  const assign = async (study: string, reader: string, [caseId, position]: readonly [string, number]) => {
    const assignment = id();
    await client.query(
      `INSERT INTO reading_assignments (id, reader_study_id, reader_id, case_id, position) VALUES ($1, $2, $3, $4, $5)`,
      [assignment, study, reader, caseId, position],
    );
    return assignment;
  };
  const read = async (assignment: string, condition: string) =>
    client.query(
      `INSERT INTO readings (id, assignment_id, condition, answers, locked_at)
       VALUES ($1, $2, $3::condition, '{}', '2026-01-02T03:04:05Z')`,
      [id(), assignment, condition],
    );
  const submitted = await assign(open, readerA, [caseA, 0]);
  await read(submitted, "unaided");
  await read(submitted, "aided");
  const half = await assign(open, readerA, [caseB, 1]);
  await read(half, "unaided");
  await assign(open, readerB, [caseA, 0]);
  await assign(draft, readerB, [caseA, 0]);

  await client.query(await readFile(join(migrations, upgrade, "migration.sql"), "utf8"));

  const readers = await client.query<{
    study: string;
    reader: string;
    place: number;
    participation: string;
  }>(`
    SELECT s.name AS study, u.name AS reader, p.place, p.participation::text AS participation
    FROM reader_study_readers p JOIN reader_studies s ON s.id = p.reader_study_id
    JOIN users u ON u.id = p.reader_id ORDER BY 1, 2`);
  expect(readers.rows.map(({ place: _place, ...row }) => row)).toEqual([
    { study: "Draft", reader: "B", participation: "planned" },
    { study: "Open", reader: "A", participation: "accepted" },
    { study: "Open", reader: "B", participation: "accepted" },
  ]);
  expect(
    readers.rows
      .slice(1)
      .map(({ place }) => place)
      .toSorted((a, b) => a - b),
  ).toEqual([0, 1]);
  const assignments = await client.query<{ id: string }>(
    `SELECT id FROM reading_assignments WHERE submitted_at = '2026-01-02T03:04:05Z'`,
  );
  expect(assignments.rows).toEqual([{ id: submitted }]);
  const studies = await client.query(
    `SELECT name, design::text, allocation::text, opened_at = created_at AS "hasOpened" FROM reader_studies ORDER BY name`,
  );
  expect(studies.rows).toEqual([
    { name: "Draft", design: "sequential", allocation: "fully-crossed", hasOpened: null },
    { name: "Open", design: "sequential", allocation: "fully-crossed", hasOpened: true },
  ]);
  // The other half is submitted under the new rules.
  await read(half, "aided");
  const done = await client.query(`SELECT 1 FROM reading_assignments WHERE submitted_at IS NOT NULL`);
  expect(done.rowCount).toBe(2);
  await client.end();
});
