-- 3 sites, 10,000 patients, 25,000 studies, 100,000 images, in a migrated and empty database. The summaries are made by
-- the triggers, as they are for real studies.
INSERT INTO sites (id, code, name, colour_index, acquisition)
SELECT gen_random_uuid(), 'bench-' || n, 'Bench site ' || n, n, (ARRAY['digital', 'digital', 'film-digitised'])[n + 1]::acquisition
FROM generate_series(0, 2) n;

INSERT INTO subjects (id, site_id, pseudonym)
SELECT gen_random_uuid(), (SELECT id FROM sites WHERE code = 'bench-' || n % 3), 'XR-' || upper(substr(md5(n::text), 1, 12))
FROM generate_series(1, 10000) n;

INSERT INTO studies (id, site_id, subject_id, study_instance_uid, study_date, patient_age_years, received_at)
SELECT gen_random_uuid(), p.site_id, p.id, '2.25.' || (10::numeric ^ 35 + n)::text,
  DATE '2015-01-01' + (n * 7919 % 4000), 38 + n * 31 % 45, TIMESTAMPTZ '2024-01-01' + n * interval '37 minutes'
FROM generate_series(1, 25000) n
JOIN (SELECT id, site_id, row_number() OVER (ORDER BY pseudonym) AS place FROM subjects) p ON p.place = 1 + n * 13 % 10000;

INSERT INTO series (id, study_id, series_instance_uid)
SELECT gen_random_uuid(), id, study_instance_uid || '.1' FROM studies;

INSERT INTO cases (id, site_id, subject_id, study_id, label, density)
SELECT gen_random_uuid(), s.site_id, s.subject_id, s.id,
  p.pseudonym || '/' || row_number() OVER (PARTITION BY s.subject_id ORDER BY s.study_date, s.id),
  (ARRAY['A', 'B', 'B', 'C', 'C', 'D', NULL])[1 + abs(hashtext(s.id::text)) % 7]
FROM studies s JOIN subjects p ON p.id = s.subject_id;

INSERT INTO instances (id, site_id, series_id, case_id, sop_instance_uid, laterality, view, rows, columns, bits_stored,
  photometric_interpretation, manufacturer, manufacturer_model_name, blob_key, sha256, size_bytes)
SELECT gen_random_uuid(), c.site_id, e.id, c.id, e.series_instance_uid || '.' || v.n, v.laterality::"Laterality", v.view::"View",
  3328, 2560, 12, 'MONOCHROME2', d.manufacturer, d.model, 'instances/' || e.id || v.n, md5(e.id::text || v.n), 1000000
FROM cases c
JOIN series e ON e.study_id = c.study_id
CROSS JOIN (VALUES (1, 'R', 'CC'), (2, 'R', 'MLO'), (3, 'L', 'CC'), (4, 'L', 'MLO')) v (n, laterality, view)
JOIN (VALUES (0, 'HOLOGIC', 'Selenia Dimensions'), (1, 'SIEMENS', 'Mammomat Inspiration'), (2, 'GE', 'Senographe Pristina'),
  (3, 'FUJIFILM', 'Amulet'), (4, 'Philips', 'MicroDose')) d (n, manufacturer, model) ON d.n = abs(hashtext(c.id::text)) % 5;

INSERT INTO reference_standards (id, case_id, laterality, finding, source)
SELECT gen_random_uuid(), c.id, side::"Laterality",
  (CASE WHEN h % 100 < 4 AND side = 'L' THEN 'malignant' WHEN h % 100 < 20 THEN 'benign' ELSE 'normal' END)::"Finding", 'pathology'
FROM (SELECT id, abs(hashtext('finding' || id::text)) AS h FROM cases) c CROSS JOIN (VALUES ('R'), ('L')) s (side)
WHERE h % 10 < 8 AND NOT (h % 17 = 0 AND side = 'R');

INSERT INTO study_tags (study_id, tag, created_at)
SELECT id, (ARRAY['pilot', 'second look', 'teaching', 'audit 2025'])[1 + abs(hashtext(id::text)) % 4], now()
FROM studies WHERE abs(hashtext('tag' || id::text)) % 10 = 0;

INSERT INTO users (id, email, name, password_hash) VALUES ('00000000-0000-7000-8000-00000000beef', 'reader@bench', 'Reader', 'x');

-- 400 cases that the reader has still to read blind.
INSERT INTO cohorts (id, name, seed) VALUES ('00000000-0000-7000-8000-00000000c0c0', 'Bench', 1);
INSERT INTO checkpoints (id, name, sha256, blob_key, manifest, round_number)
VALUES ('00000000-0000-7000-8000-00000000cccc', 'bench', 'bench', 'checkpoints/bench', '{}', 0);
INSERT INTO reader_studies (id, name, cohort_id, checkpoint_id, seed, state)
VALUES ('00000000-0000-7000-8000-00000000dddd', 'Bench', '00000000-0000-7000-8000-00000000c0c0',
  '00000000-0000-7000-8000-00000000cccc', 1, 'open');
INSERT INTO reader_study_readers (reader_study_id, reader_id, place, participation)
VALUES ('00000000-0000-7000-8000-00000000dddd', '00000000-0000-7000-8000-00000000beef', 0, 'accepted');
INSERT INTO reading_assignments (id, reader_study_id, reader_id, case_id, position)
SELECT gen_random_uuid(), '00000000-0000-7000-8000-00000000dddd', '00000000-0000-7000-8000-00000000beef', id,
  row_number() OVER (ORDER BY id) - 1
FROM (SELECT id FROM cases ORDER BY id LIMIT 400) c;

ANALYZE;
