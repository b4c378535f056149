-- Part of a pseudonym, a case name or a UID is searched with an index.
CREATE EXTENSION IF NOT EXISTS pg_trgm;

-- Labels ------------------------------------------------------------------------------------------

-- Raised by every change of a label of the case: a form made from an older version is a conflict.
ALTER TABLE "cases" ADD COLUMN "label_version" INTEGER NOT NULL DEFAULT 0;

CREATE TABLE "label_imports" (
    "id" UUID NOT NULL,
    "site_id" UUID NOT NULL,
    "created_by" UUID,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "reason" TEXT NOT NULL,
    "file_sha256" TEXT NOT NULL,
    "row_count" INTEGER NOT NULL,
    "new_count" INTEGER NOT NULL,
    "changed_count" INTEGER NOT NULL,
    "same_count" INTEGER NOT NULL,
    "refused_count" INTEGER NOT NULL,
    "undone_at" TIMESTAMPTZ(3),
    "undone_by" UUID,
    "undo_reason" TEXT,
    CONSTRAINT "label_imports_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "label_imports_site_id_created_at_idx" ON "label_imports"("site_id", "created_at");
ALTER TABLE "label_imports" ADD CONSTRAINT "label_imports_site_id_fkey" FOREIGN KEY ("site_id") REFERENCES "sites"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "label_imports" ADD CONSTRAINT "label_imports_created_by_fkey" FOREIGN KEY ("created_by") REFERENCES "users"("id") ON DELETE SET NULL ON UPDATE CASCADE;
ALTER TABLE "label_imports" ADD CONSTRAINT "label_imports_undone_by_fkey" FOREIGN KEY ("undone_by") REFERENCES "users"("id") ON DELETE SET NULL ON UPDATE CASCADE;

CREATE TYPE "label_import_outcome" AS ENUM ('new', 'changed', 'same', 'refused');

-- What became of each row; never the row itself, which may hold what the hospital calls the patient.
CREATE TABLE "label_import_rows" (
    "import_id" UUID NOT NULL,
    "row_number" INTEGER NOT NULL,
    "case_id" UUID,
    "outcome" "label_import_outcome" NOT NULL,
    "message" TEXT,
    CONSTRAINT "label_import_rows_pkey" PRIMARY KEY ("import_id", "row_number")
);
CREATE INDEX "label_import_rows_case_id_idx" ON "label_import_rows"("case_id");
ALTER TABLE "label_import_rows" ADD CONSTRAINT "label_import_rows_import_id_fkey" FOREIGN KEY ("import_id") REFERENCES "label_imports"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "label_import_rows" ADD CONSTRAINT "label_import_rows_case_id_fkey" FOREIGN KEY ("case_id") REFERENCES "cases"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- How the columns of a site's files were mapped last.
CREATE TABLE "label_mappings" (
    "site_id" UUID NOT NULL,
    "mapping" JSONB NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,
    CONSTRAINT "label_mappings_pkey" PRIMARY KEY ("site_id")
);
ALTER TABLE "label_mappings" ADD CONSTRAINT "label_mappings_site_id_fkey" FOREIGN KEY ("site_id") REFERENCES "sites"("id") ON DELETE CASCADE ON UPDATE CASCADE;

ALTER TABLE "reference_standards"
  ADD COLUMN "follow_up_months" INTEGER,
  ADD COLUMN "is_interval_cancer" BOOLEAN NOT NULL DEFAULT false,
  ADD COLUMN "superseded_by" UUID,
  ADD COLUMN "superseded_reason" TEXT,
  ADD COLUMN "replaces_id" UUID,
  ADD COLUMN "import_id" UUID;
CREATE INDEX "reference_standards_import_id_idx" ON "reference_standards"("import_id");
ALTER TABLE "reference_standards" ADD CONSTRAINT "reference_standards_superseded_by_fkey" FOREIGN KEY ("superseded_by") REFERENCES "users"("id") ON DELETE SET NULL ON UPDATE CASCADE;
ALTER TABLE "reference_standards" ADD CONSTRAINT "reference_standards_replaces_id_fkey" FOREIGN KEY ("replaces_id") REFERENCES "reference_standards"("id") ON DELETE SET NULL ON UPDATE CASCADE;
ALTER TABLE "reference_standards" ADD CONSTRAINT "reference_standards_import_id_fkey" FOREIGN KEY ("import_id") REFERENCES "label_imports"("id") ON DELETE SET NULL ON UPDATE CASCADE;
ALTER TABLE "reference_standards" ADD CONSTRAINT "reference_standards_follow_up_check"
  CHECK ("follow_up_months" IS NULL OR ("source" = 'follow-up' AND "follow_up_months" BETWEEN 1 AND 240));
ALTER TABLE "reference_standards" ADD CONSTRAINT "reference_standards_interval_cancer_check"
  CHECK (NOT "is_interval_cancer" OR "finding" = 'malignant');

-- What a reader or a device said of a breast or a case. It is no reference standard: truth has a table of its own.
CREATE TYPE "assessment_kind" AS ENUM ('birads', 'density');
CREATE TYPE "assessment_source" AS ENUM ('reader', 'vendor', 'data-set');
CREATE TABLE "assessments" (
    "id" UUID NOT NULL,
    "case_id" UUID NOT NULL,
    "kind" "assessment_kind" NOT NULL,
    "laterality" "Laterality",
    "value" TEXT NOT NULL,
    "source" "assessment_source" NOT NULL,
    "reason" TEXT,
    "created_by" UUID,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "superseded_at" TIMESTAMPTZ(3),
    "superseded_by" UUID,
    "superseded_reason" TEXT,
    "replaces_id" UUID,
    "import_id" UUID,
    CONSTRAINT "assessments_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "assessments_case_id_idx" ON "assessments"("case_id");
CREATE INDEX "assessments_import_id_idx" ON "assessments"("import_id");
CREATE UNIQUE INDEX "assessments_in_force_key"
  ON "assessments" ("case_id", "kind", "laterality") NULLS NOT DISTINCT WHERE "superseded_at" IS NULL;
ALTER TABLE "assessments" ADD CONSTRAINT "assessments_case_id_fkey" FOREIGN KEY ("case_id") REFERENCES "cases"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "assessments" ADD CONSTRAINT "assessments_created_by_fkey" FOREIGN KEY ("created_by") REFERENCES "users"("id") ON DELETE SET NULL ON UPDATE CASCADE;
ALTER TABLE "assessments" ADD CONSTRAINT "assessments_superseded_by_fkey" FOREIGN KEY ("superseded_by") REFERENCES "users"("id") ON DELETE SET NULL ON UPDATE CASCADE;
ALTER TABLE "assessments" ADD CONSTRAINT "assessments_replaces_id_fkey" FOREIGN KEY ("replaces_id") REFERENCES "assessments"("id") ON DELETE SET NULL ON UPDATE CASCADE;
ALTER TABLE "assessments" ADD CONSTRAINT "assessments_import_id_fkey" FOREIGN KEY ("import_id") REFERENCES "label_imports"("id") ON DELETE SET NULL ON UPDATE CASCADE;
ALTER TABLE "assessments" ADD CONSTRAINT "assessments_value_check" CHECK (
  ("kind" = 'birads' AND "laterality" IS NOT NULL AND "value" IN ('0', '1', '2', '3', '4A', '4B', '4C', '5', '6'))
  OR ("kind" = 'density' AND "laterality" IS NULL AND ("value" IN ('A', 'B', 'C', 'D')
    -- A data set's own words are kept as history only.
    OR ("source" = 'data-set' AND "superseded_at" IS NOT NULL))));

-- Tags --------------------------------------------------------------------------------------------

CREATE TABLE "study_tags" (
    "study_id" UUID NOT NULL,
    "tag" TEXT NOT NULL,
    "created_by" UUID,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    CONSTRAINT "study_tags_pkey" PRIMARY KEY ("study_id", "tag")
);
CREATE INDEX "study_tags_tag_study_id_idx" ON "study_tags"("tag", "study_id");
ALTER TABLE "study_tags" ADD CONSTRAINT "study_tags_study_id_fkey" FOREIGN KEY ("study_id") REFERENCES "studies"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "study_tags" ADD CONSTRAINT "study_tags_created_by_fkey" FOREIGN KEY ("created_by") REFERENCES "users"("id") ON DELETE SET NULL ON UPDATE CASCADE;
ALTER TABLE "study_tags" ADD CONSTRAINT "study_tags_tag_check"
  CHECK ("tag" = lower(btrim("tag")) AND char_length("tag") BETWEEN 1 AND 40);

-- The study browser -------------------------------------------------------------------------------

ALTER TABLE "instances" ADD COLUMN "has_breast_implant" BOOLEAN;

-- One row a study with everything that the browser filters, counts and sorts by; kept by the triggers below.
CREATE TABLE "study_summaries" (
    "study_id" UUID NOT NULL,
    "case_id" UUID NOT NULL,
    "site_id" UUID NOT NULL,
    "label" TEXT NOT NULL,
    "search_text" TEXT NOT NULL,
    "received_at" TIMESTAMPTZ(3) NOT NULL,
    "study_date" DATE,
    "age_band" TEXT NOT NULL,
    "density" TEXT NOT NULL,
    "device" TEXT NOT NULL,
    "view_set" SMALLINT NOT NULL,
    "image_count" INTEGER NOT NULL,
    "completeness" TEXT NOT NULL,
    "has_implant" BOOLEAN NOT NULL,
    "label_state" TEXT NOT NULL,
    CONSTRAINT "study_summaries_pkey" PRIMARY KEY ("study_id")
);
CREATE UNIQUE INDEX "study_summaries_case_id_key" ON "study_summaries"("case_id");
CREATE INDEX "study_summaries_received_at_idx" ON "study_summaries"("received_at", "study_id");
CREATE INDEX "study_summaries_site_id_received_at_idx" ON "study_summaries"("site_id", "received_at", "study_id");
CREATE INDEX "study_summaries_label_idx" ON "study_summaries"("label" COLLATE "C", "study_id");
CREATE INDEX "study_summaries_study_date_idx"
  ON "study_summaries" (coalesce("study_date", '0001-01-01'::date), "study_id");
CREATE INDEX "study_summaries_search_text_idx" ON "study_summaries" USING gin ("search_text" gin_trgm_ops);
ALTER TABLE "study_summaries" ADD CONSTRAINT "study_summaries_study_id_fkey" FOREIGN KEY ("study_id") REFERENCES "studies"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "study_summaries" ADD CONSTRAINT "study_summaries_case_id_fkey" FOREIGN KEY ("case_id") REFERENCES "cases"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "study_summaries" ADD CONSTRAINT "study_summaries_site_id_fkey" FOREIGN KEY ("site_id") REFERENCES "sites"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- Views as bits: R CC 1, R MLO 2, L CC 4, L MLO 8.
CREATE FUNCTION crossread_completeness(view_set integer, image_count integer) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE
    WHEN image_count = 0 THEN 'no-images'
    WHEN view_set = 15 AND image_count = 4 THEN 'complete'
    WHEN view_set = 15 THEN 'extra-views'
    WHEN view_set IN (3, 12) THEN 'one-breast'
    ELSE 'missing-views'
  END $$;

-- The worst breast, once every imaged breast has a reference standard; malignant at once.
CREATE FUNCTION crossread_label_state(right_finding "Finding", left_finding "Finding", view_set integer) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE
    WHEN 'malignant' IN (right_finding, left_finding) THEN 'malignant'
    WHEN right_finding IS NULL AND left_finding IS NULL THEN 'unlabelled'
    WHEN (right_finding IS NULL AND view_set & 3 > 0) OR (left_finding IS NULL AND view_set & 12 > 0) THEN 'incomplete'
    WHEN 'benign' IN (right_finding, left_finding) THEN 'benign'
    ELSE 'normal'
  END $$;

CREATE FUNCTION crossread_refresh_summaries(targets uuid[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF cardinality(targets) = 0 THEN RETURN; END IF;
  -- Two writers of one case take turns, so that the second one summarises what the first has written.
  PERFORM 1 FROM cases WHERE id = ANY (targets) ORDER BY id FOR NO KEY UPDATE;
  INSERT INTO study_summaries (study_id, case_id, site_id, label, search_text, received_at, study_date, age_band,
    density, device, view_set, image_count, completeness, has_implant, label_state)
  SELECT s.id, c.id, c.site_id, c.label,
    lower(c.label || ' ' || p.pseudonym || ' ' || s.study_instance_uid),
    s.received_at, s.study_date,
    CASE WHEN s.patient_age_years IS NULL THEN 'unknown' WHEN s.patient_age_years < 40 THEN 'under 40'
      WHEN s.patient_age_years < 50 THEN '40–49' WHEN s.patient_age_years < 60 THEN '50–59'
      WHEN s.patient_age_years < 70 THEN '60–69' ELSE '70 and over' END,
    coalesce(c.density, 'unknown'),
    CASE WHEN i.device_count = 0 THEN 'unknown' WHEN i.device_count = 1 THEN i.device ELSE 'several devices' END,
    i.view_set, i.image_count, crossread_completeness(i.view_set, i.image_count), i.has_implant,
    crossread_label_state(r.right_finding, r.left_finding, i.view_set)
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
    has_implant = excluded.has_implant, label_state = excluded.label_state;
END $$;

CREATE FUNCTION crossread_summarise_case_rows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM crossread_refresh_summaries(ARRAY(SELECT DISTINCT case_id FROM changed ORDER BY 1));
  RETURN NULL;
END $$;
CREATE FUNCTION crossread_summarise_moved_rows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM crossread_refresh_summaries(
    ARRAY(SELECT case_id FROM changed UNION SELECT case_id FROM former ORDER BY 1));
  RETURN NULL;
END $$;
CREATE FUNCTION crossread_summarise_cases() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM crossread_refresh_summaries(ARRAY(SELECT id FROM changed ORDER BY 1));
  RETURN NULL;
END $$;
CREATE FUNCTION crossread_summarise_studies() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM crossread_refresh_summaries(
    ARRAY(SELECT c.id FROM cases c JOIN changed s ON s.id = c.study_id ORDER BY 1));
  RETURN NULL;
END $$;
CREATE FUNCTION crossread_summarise_subjects() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM crossread_refresh_summaries(
    ARRAY(SELECT c.id FROM cases c JOIN changed p ON p.id = c.subject_id ORDER BY 1));
  RETURN NULL;
END $$;

CREATE TRIGGER instances_summary_insert AFTER INSERT ON "instances" REFERENCING NEW TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION crossread_summarise_case_rows();
CREATE TRIGGER instances_summary_delete AFTER DELETE ON "instances" REFERENCING OLD TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION crossread_summarise_case_rows();
CREATE TRIGGER instances_summary_update AFTER UPDATE ON "instances"
  REFERENCING OLD TABLE AS former NEW TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION crossread_summarise_moved_rows();
CREATE TRIGGER reference_standards_summary_insert AFTER INSERT ON "reference_standards"
  REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION crossread_summarise_case_rows();
CREATE TRIGGER reference_standards_summary_delete AFTER DELETE ON "reference_standards"
  REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION crossread_summarise_case_rows();
CREATE TRIGGER reference_standards_summary_update AFTER UPDATE ON "reference_standards"
  REFERENCING OLD TABLE AS former NEW TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION crossread_summarise_moved_rows();
CREATE TRIGGER cases_summary_insert AFTER INSERT ON "cases" REFERENCING NEW TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION crossread_summarise_cases();
CREATE TRIGGER cases_summary_update AFTER UPDATE ON "cases" REFERENCING NEW TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION crossread_summarise_cases();
CREATE TRIGGER studies_summary_update AFTER UPDATE ON "studies" REFERENCING NEW TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION crossread_summarise_studies();
CREATE TRIGGER subjects_summary_update AFTER UPDATE ON "subjects" REFERENCING NEW TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION crossread_summarise_subjects();

SELECT crossread_refresh_summaries(ARRAY(SELECT id FROM cases));
