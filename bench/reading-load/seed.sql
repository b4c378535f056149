-- A reader study of 1,000 cases and 20 readers, fully crossed: 20,000 assignments, of which reader n has read 45 × n.
-- Into the database of a platform with demonstration accounts, whose password the readers get. No image has a file.
BEGIN;
INSERT INTO sites (id, code, name, colour_index, acquisition)
VALUES ('00000000-0000-7000-8000-0000000010ad', 'load', 'Load site', 3, 'digital');

INSERT INTO users (id, email, name, password_hash)
SELECT ('00000000-0000-7000-8000-0000000a' || to_char(n, 'FM0000'))::uuid, 'load-' || n || '@bench.crossread',
  'Load reader ' || n, demo.password_hash
FROM generate_series(1, 20) n, (SELECT password_hash FROM users WHERE email = 'radiologist-1@demo.crossread') demo;
INSERT INTO memberships (id, user_id, site_id, role)
SELECT gen_random_uuid(), id, '00000000-0000-7000-8000-0000000010ad', 'radiologist'
FROM users WHERE email LIKE 'load-%@bench.crossread';

INSERT INTO subjects (id, site_id, pseudonym)
SELECT gen_random_uuid(), '00000000-0000-7000-8000-0000000010ad', 'LOAD-' || n FROM generate_series(1, 1000) n;
INSERT INTO studies (id, site_id, subject_id, study_instance_uid, study_date)
SELECT gen_random_uuid(), site_id, id, '2.25.77' || substr(pseudonym, 6), DATE '2024-01-01' + substr(pseudonym, 6)::int % 365
FROM subjects WHERE pseudonym LIKE 'LOAD-%';
INSERT INTO series (id, study_id, series_instance_uid)
SELECT gen_random_uuid(), id, study_instance_uid || '.1' FROM studies WHERE site_id = '00000000-0000-7000-8000-0000000010ad';
INSERT INTO cases (id, site_id, subject_id, study_id, label)
SELECT gen_random_uuid(), s.site_id, s.subject_id, s.id, p.pseudonym
FROM studies s JOIN subjects p ON p.id = s.subject_id WHERE s.site_id = '00000000-0000-7000-8000-0000000010ad';
INSERT INTO instances (id, site_id, series_id, case_id, sop_instance_uid, laterality, view, rows, columns, bits_stored,
  photometric_interpretation, imager_pixel_spacing_mm, blob_key, sha256, size_bytes, compared_at)
SELECT gen_random_uuid(), c.site_id, e.id, c.id, e.series_instance_uid || '.' || v.n, v.laterality::"Laterality",
  v.view::"View", 3328, 2560, 12, 'MONOCHROME2', 0.07, 'instances/load-' || e.id || v.n, md5(e.id::text || v.n), 1, now()
FROM cases c JOIN series e ON e.study_id = c.study_id
CROSS JOIN (VALUES (1, 'R', 'CC'), (2, 'R', 'MLO'), (3, 'L', 'CC'), (4, 'L', 'MLO')) v (n, laterality, view)
WHERE c.site_id = '00000000-0000-7000-8000-0000000010ad';
INSERT INTO reference_standards (id, case_id, laterality, finding, source)
SELECT gen_random_uuid(), c.id, side::"Laterality",
  (CASE WHEN side = 'L' AND abs(hashtext(c.id::text)) % 3 = 0 THEN 'malignant' ELSE 'normal' END)::"Finding", 'pathology'
FROM cases c CROSS JOIN (VALUES ('R'), ('L')) s (side) WHERE c.site_id = '00000000-0000-7000-8000-0000000010ad';

INSERT INTO checkpoints (id, name, sha256, blob_key, manifest, round_number)
VALUES ('00000000-0000-7000-8000-00000000cc0d', 'Load', 'load', 'checkpoints/load', '{}', 0);
INSERT INTO predictions (id, checkpoint_id, instance_id, score)
SELECT gen_random_uuid(), '00000000-0000-7000-8000-00000000cc0d', id, random()
FROM instances WHERE site_id = '00000000-0000-7000-8000-0000000010ad';
INSERT INTO saliency_maps (id, checkpoint_id, instance_id, class_label, layer, blob_key, width_px, height_px, transform)
SELECT gen_random_uuid(), '00000000-0000-7000-8000-00000000cc0d', i.id, l.label::"Finding", 'cbam', 'maps/' || i.id || l.label, 384, 512,
  '{"imageWidthPx":2560,"imageHeightPx":3328,"inputSizePx":224,"scale":0.0673,"offsetXPx":26,"offsetYPx":0}'
FROM instances i CROSS JOIN (VALUES ('malignant'), ('benign')) l (label)
WHERE i.site_id = '00000000-0000-7000-8000-0000000010ad';

INSERT INTO cohorts (id, name, seed) VALUES ('00000000-0000-7000-8000-00000000c00d', 'Load', 1);
INSERT INTO cohort_subjects (cohort_id, subject_id, site_id, split)
SELECT '00000000-0000-7000-8000-00000000c00d', id, site_id, 'internal-test' FROM subjects WHERE pseudonym LIKE 'LOAD-%';
INSERT INTO cohort_cases (cohort_id, case_id, subject_id, split)
SELECT '00000000-0000-7000-8000-00000000c00d', id, subject_id, 'internal-test' FROM cases WHERE label LIKE 'LOAD-%';

INSERT INTO reader_studies (id, name, cohort_id, checkpoint_id, seed, state, opened_at)
VALUES ('00000000-0000-7000-8000-0000000057d1', 'Load: 1,000 cases, 20 readers', '00000000-0000-7000-8000-00000000c00d',
  '00000000-0000-7000-8000-00000000cc0d', 1, 'open', now());
INSERT INTO reader_study_readers (reader_study_id, reader_id, place, participation, invited_at, responded_at)
SELECT '00000000-0000-7000-8000-0000000057d1', id, row_number() OVER (ORDER BY id) - 1, 'accepted', now(), now()
FROM users WHERE email LIKE 'load-%@bench.crossread';
INSERT INTO reading_assignments (id, reader_study_id, reader_id, case_id, position)
SELECT gen_random_uuid(), p.reader_study_id, p.reader_id, c.id,
  row_number() OVER (PARTITION BY p.reader_id ORDER BY hashtext(p.reader_id::text || c.id)) - 1
FROM reader_study_readers p CROSS JOIN cases c
WHERE p.reader_study_id = '00000000-0000-7000-8000-0000000057d1' AND c.label LIKE 'LOAD-%';

-- Unaided first: a trigger holds the order.
INSERT INTO readings (id, assignment_id, condition, answers, version, started_at, locked_at, duration_ms)
SELECT gen_random_uuid(), a.id, step.condition::condition,
  '{"breasts":{"R":{"birads":"2","suspicion":5},"L":{"birads":"4B","suspicion":70}},"density":"C","marks":[],"comment":""}',
  9, now() - interval '2 days', now() - interval '2 days', 20000 + abs(hashtext(a.id::text)) % 40000
FROM (VALUES (1, 'unaided'), (2, 'aided')) step (n, condition)
CROSS JOIN reading_assignments a
JOIN reader_study_readers p ON p.reader_study_id = a.reader_study_id AND p.reader_id = a.reader_id
WHERE a.reader_study_id = '00000000-0000-7000-8000-0000000057d1' AND a.position < 45 * (p.place + 1)
ORDER BY step.n;
INSERT INTO map_ratings (id, reading_id, answers)
SELECT gen_random_uuid(), r.id,
  '{"lesionInsideHotArea":"yes","hasMissedLesion":false,"hasSpuriousAreas":false,"plausibility":4,"wouldChangeRecall":"no","comment":""}'
FROM readings r JOIN reading_assignments a ON a.id = r.assignment_id
WHERE r.condition = 'aided' AND a.reader_study_id = '00000000-0000-7000-8000-0000000057d1';
COMMIT;
ANALYZE;
