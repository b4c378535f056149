-- The study browser shows and filters by what the images are besides plain views.
ALTER TABLE "study_summaries" ADD COLUMN "technical_labels" TEXT[] NOT NULL DEFAULT '{}';

CREATE OR REPLACE FUNCTION crossread_refresh_summaries(targets uuid[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF cardinality(targets) = 0 THEN RETURN; END IF;
  -- Two writers of one case take turns, so that the second one summarises what the first has written.
  PERFORM 1 FROM cases WHERE id = ANY (targets) ORDER BY id FOR NO KEY UPDATE;
  INSERT INTO study_summaries (study_id, case_id, site_id, label, search_text, received_at, study_date, age_band,
    density, device, view_set, image_count, completeness, has_implant, label_state, technical_labels)
  SELECT s.id, c.id, c.site_id, c.label,
    lower(c.label || ' ' || p.pseudonym || ' ' || s.study_instance_uid),
    s.received_at, s.study_date,
    CASE WHEN s.patient_age_years IS NULL THEN 'unknown' WHEN s.patient_age_years < 40 THEN 'under 40'
      WHEN s.patient_age_years < 50 THEN '40–49' WHEN s.patient_age_years < 60 THEN '50–59'
      WHEN s.patient_age_years < 70 THEN '60–69' ELSE '70 and over' END,
    coalesce(c.density, 'unknown'),
    CASE WHEN i.device_count = 0 THEN 'unknown' WHEN i.device_count = 1 THEN i.device ELSE 'several devices' END,
    i.view_set, i.image_count, crossread_completeness(i.view_set, i.image_count), i.has_implant,
    crossread_label_state(r.right_finding, r.left_finding, i.view_set),
    ARRAY(SELECT DISTINCT unnest(labels) AS label FROM instances WHERE case_id = c.id ORDER BY label)
  FROM cases c
  JOIN studies s ON s.id = c.study_id
  JOIN subjects p ON p.id = c.subject_id
  CROSS JOIN LATERAL (
    SELECT count(*)::int AS image_count,
      coalesce(bit_or(CASE WHEN laterality = 'R' THEN 1 ELSE 4 END * CASE WHEN view = 'CC' THEN 1 ELSE 2 END), 0)
        AS view_set,
      count(DISTINCT device) AS device_count, min(device) AS device,
      coalesce(bool_or(has_breast_implant IS TRUE OR labels && ARRAY['implant', 'implant-displaced']), false)
        AS has_implant
    FROM (
      SELECT laterality, view, has_breast_implant, labels,
        nullif(btrim(concat_ws(' ', manufacturer, manufacturer_model_name)), '') AS device
      FROM instances WHERE case_id = c.id
    ) shown
  ) i
  CROSS JOIN LATERAL (
    SELECT max(finding) FILTER (WHERE laterality = 'R') AS right_finding,
      max(finding) FILTER (WHERE laterality = 'L') AS left_finding
    FROM reference_standards WHERE case_id = c.id AND superseded_at IS NULL
  ) r
  WHERE c.id = ANY (targets)
  ON CONFLICT (study_id) DO UPDATE SET
    case_id = excluded.case_id, site_id = excluded.site_id, label = excluded.label,
    search_text = excluded.search_text, received_at = excluded.received_at, study_date = excluded.study_date,
    age_band = excluded.age_band, density = excluded.density, device = excluded.device,
    view_set = excluded.view_set, image_count = excluded.image_count, completeness = excluded.completeness,
    has_implant = excluded.has_implant, label_state = excluded.label_state,
    technical_labels = excluded.technical_labels;
END $$;

SELECT crossread_refresh_summaries(ARRAY(SELECT id FROM cases));
