-- After seed.sql: the twenty readers have read everything, each in their own way, and the study is closed.
BEGIN;
INSERT INTO readings (id, assignment_id, condition, answers, version, started_at, locked_at, duration_ms)
SELECT gen_random_uuid(), a.id, step.condition::condition,
  jsonb_build_object('breasts', jsonb_build_object(
      'R', jsonb_build_object('birads', said.birads[1 + (h.r + step.n) % 40], 'suspicion', h.r % 30),
      'L', jsonb_build_object('birads', said.birads[1 + (h.l + step.n) % 40], 'suspicion', h.l % 60)),
    'density', 'C', 'marks', '[]'::jsonb, 'comment', ''),
  9, now() - interval '2 days', now() - interval '2 days', 20000 + h.r % 40000
FROM (VALUES (1, 'unaided'), (2, 'aided')) step (n, condition)
CROSS JOIN (SELECT array_fill('1'::text, ARRAY[20]) || array_fill('2'::text, ARRAY[18]) || ARRAY['4A', '4B'] AS birads) said
CROSS JOIN reading_assignments a
CROSS JOIN LATERAL (SELECT abs(hashtext(a.id::text)) % 100000 AS r, abs(hashtext('L' || a.id::text)) % 100000 AS l) h
WHERE a.reader_study_id = '00000000-0000-7000-8000-0000000057d1'
  AND NOT EXISTS (SELECT 1 FROM readings r WHERE r.assignment_id = a.id)
ORDER BY step.n;
UPDATE reader_studies SET state = 'closed', closed_at = now() WHERE id = '00000000-0000-7000-8000-0000000057d1';
COMMIT;
ANALYZE;
