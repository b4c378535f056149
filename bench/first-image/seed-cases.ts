/**
 * A reader study of phantoms of any size for `measure-next-case.ts`, in a platform that runs on its own PostgreSQL:
 * npx tsx bench/first-image/seed-cases.ts DATA EMAIL CASES WIDTH HEIGHT
 * DATA is the platform's data directory (.crossread). All cases show the same four images, fetched and decoded for each.
 */
import { copyFile, mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writePhantom } from "@crossread/datasets/write-phantom";
import { encodeGrayPng } from "@crossread/dicom/png";
import pg from "pg";
import { z } from "zod";

const [data, email, ...numbers] = process.argv.slice(2);
const [caseCount = Number.NaN, widthPx = Number.NaN, heightPx = Number.NaN] = numbers.map(Number);
if (data === undefined || email === undefined || Number.isNaN(heightPx))
  throw new Error("Usage: seed-cases.ts DATA EMAIL CASES WIDTH HEIGHT");
/** What a phantom's detector may measure: 180–260 × 280–320 mm. */
const detectorHeightMm = 290;
const pixelSizeMm = detectorHeightMm / heightPx;
const tag = `bench-${Date.now()}`;

const secretsSchema = z.object({ postgresPassword: z.string(), postgresPort: z.int() });
const { postgresPassword, postgresPort } = secretsSchema.parse(
  JSON.parse(await readFile(join(data, "secrets.json"), "utf8")),
);
const client = new pg.Client({
  connectionString: `postgresql://crossread:${postgresPassword}@127.0.0.1:${postgresPort}/crossread`,
});
await client.connect();
const images = await storePhantom(data);
await client.query("BEGIN");
await insertCases();
await insertStudy();
await client.query("COMMIT");
await client.end();
console.log(`${caseCount} cases of ${widthPx} × ${heightPx} pixels wait for ${email} in study "${tag}".`);

async function storePhantom(directory: string) {
  const phantom = await mkdtemp(join(tmpdir(), "crossread-phantom-"));
  const frame = { widthPx, heightPx, pixelSizeMm };
  const manifest = await writePhantom(phantom, { siteCount: 1, caseCount: 1, seed: 3_000, frame });
  const blobs = join(directory, "blobs");
  for (const kind of ["instances", "maps"]) await mkdir(join(blobs, kind), { recursive: true });
  await writeFile(join(blobs, "maps", `${tag}.png`), await blurredSpot());
  const stored = [];
  for (const { file, sha256, laterality, view } of manifest.images) {
    const path = join(phantom, file);
    await copyFile(path, join(blobs, "instances", `${sha256}.dcm`));
    stored.push({ sha256, laterality, view, sizeBytes: (await stat(path)).size });
  }
  await rm(phantom, { recursive: true });
  return stored;
}

/** Something for the aided step to lay on the images. */
function blurredSpot(): Promise<Uint8Array> {
  const [width, height] = [384, 512];
  const values = Float32Array.from({ length: width * height }, (_, index) => {
    const [x, y] = [(index % width) / width - 0.5, Math.floor(index / width) / height - 0.5];
    return Math.exp(-(x * x + y * y) * 40);
  });
  return encodeGrayPng({ widthPx: width, heightPx: height, values }, 8);
}

async function insertCases(): Promise<void> {
  await client.query(
    `INSERT INTO subjects (id, site_id, pseudonym)
    SELECT gen_random_uuid(), s.id, $1 || '-' || n FROM sites s, generate_series(1, $2::int) n WHERE s.code = 'north'`,
    [tag, caseCount],
  );
  await client.query(
    `WITH patient AS (SELECT id, site_id, pseudonym FROM subjects WHERE pseudonym LIKE $1 || '-%'),
    study AS (INSERT INTO studies (id, site_id, subject_id, study_instance_uid)
      SELECT gen_random_uuid(), site_id, id, pseudonym FROM patient RETURNING id, site_id, subject_id, study_instance_uid)
    INSERT INTO series (id, study_id, series_instance_uid)
    SELECT gen_random_uuid(), id, study_instance_uid || '.1' FROM study`,
    [tag],
  );
  await client.query(
    `INSERT INTO cases (id, site_id, subject_id, study_id, label)
    SELECT gen_random_uuid(), site_id, subject_id, id, study_instance_uid FROM studies WHERE study_instance_uid LIKE $1 || '-%'`,
    [tag],
  );
  for (const { sha256, laterality, view, sizeBytes } of images) {
    await client.query(
      `INSERT INTO instances (id, site_id, series_id, case_id, sop_instance_uid, laterality, view, rows, columns, bits_stored,
        photometric_interpretation, imager_pixel_spacing_mm, blob_key, sha256, size_bytes, compared_at)
      SELECT gen_random_uuid(), c.site_id, e.id, c.id, e.series_instance_uid || $2::text || $3::text, $2::"Laterality", $3::"View",
        $4, $5, 12, 'MONOCHROME2', $6, 'instances/' || $7 || '.dcm', $7, $8, now()
      FROM cases c JOIN series e ON e.study_id = c.study_id WHERE c.label LIKE $1 || '-%'`,
      [tag, laterality, view, heightPx, widthPx, pixelSizeMm, sha256, sizeBytes],
    );
  }
}

async function insertStudy(): Promise<void> {
  await client.query(
    "UPDATE reader_studies SET state = 'closed', closed_at = now() WHERE name LIKE 'bench-%' AND state = 'open'",
  );
  const one = async (sql: string, values: readonly unknown[] = []) => {
    const { rows } = await client.query<{ id: string }>(sql, [...values]);
    if (rows[0] === undefined) throw new Error(`There is nobody called ${email} on this platform.`);
    return rows[0].id;
  };
  const readerId = await one("SELECT id FROM users WHERE email = $1", [email]);
  const checkpointId = await one(
    `INSERT INTO checkpoints (id, name, sha256, blob_key, manifest, round_number)
    VALUES (gen_random_uuid(), $1, $1, 'checkpoints/' || $1, '{}', 0) RETURNING id`,
    [tag],
  );
  const instances = `FROM instances i JOIN cases c ON c.id = i.case_id WHERE c.label LIKE $1 || '-%'`;
  await client.query(
    `INSERT INTO predictions (id, checkpoint_id, instance_id, score) SELECT gen_random_uuid(), $2, i.id, 0.5 ${instances}`,
    [tag, checkpointId],
  );
  const scale = 224 / heightPx;
  const transform = {
    imageWidthPx: widthPx,
    imageHeightPx: heightPx,
    inputSizePx: 224,
    scale,
    offsetXPx: Math.round((224 - scale * widthPx) / 2),
    offsetYPx: 0,
  };
  await client.query(
    `INSERT INTO saliency_maps (id, checkpoint_id, instance_id, class_label, layer, blob_key, width_px, height_px, transform)
    SELECT gen_random_uuid(), $2, i.id, 'malignant', 'cbam', 'maps/' || $1 || '.png', 384, 512, $3 ${instances}`,
    [tag, checkpointId, JSON.stringify(transform)],
  );
  const cohortId = await one(
    "INSERT INTO cohorts (id, name, seed) VALUES (gen_random_uuid(), $1, 1) RETURNING id",
    [tag],
  );
  const studyId = await one(
    `INSERT INTO reader_studies (id, name, cohort_id, checkpoint_id, seed, state, opened_at)
    VALUES (gen_random_uuid(), $1, $2, $3, 1, 'open', now()) RETURNING id`,
    [tag, cohortId, checkpointId],
  );
  await client.query(
    `INSERT INTO reader_study_readers (reader_study_id, reader_id, place, participation, invited_at, responded_at)
    VALUES ($1, $2, 0, 'accepted', now(), now())`,
    [studyId, readerId],
  );
  await client.query(
    `INSERT INTO reading_assignments (id, reader_study_id, reader_id, case_id, position)
    SELECT gen_random_uuid(), $2, $3, id, row_number() OVER (ORDER BY label) - 1 FROM cases WHERE label LIKE $1 || '-%'`,
    [tag, studyId, readerId],
  );
}
