-- What each reader of a study finally said of each breast, kept when a reading is locked: lists of a whole study count these
-- rows and open no answers.
CREATE TABLE "final_assessments" (
  "reader_study_id" UUID NOT NULL,
  "case_id" UUID NOT NULL,
  "laterality" "Laterality" NOT NULL,
  "reader_id" UUID NOT NULL,
  "reading_id" UUID NOT NULL,
  "condition" "condition" NOT NULL,
  "birads" TEXT NOT NULL,
  "suspicion" DOUBLE PRECISION NOT NULL,
  CONSTRAINT "final_assessments_pkey" PRIMARY KEY ("reader_study_id", "case_id", "laterality", "reader_id")
);
CREATE INDEX "final_assessments_reading_id_idx" ON "final_assessments"("reading_id");
CREATE INDEX "final_assessments_case_id_idx" ON "final_assessments"("case_id");
CREATE INDEX "final_assessments_reader_id_idx" ON "final_assessments"("reader_id");
ALTER TABLE "final_assessments" ADD CONSTRAINT "final_assessments_reader_study_id_fkey" FOREIGN KEY ("reader_study_id") REFERENCES "reader_studies"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "final_assessments" ADD CONSTRAINT "final_assessments_case_id_fkey" FOREIGN KEY ("case_id") REFERENCES "cases"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "final_assessments" ADD CONSTRAINT "final_assessments_reader_id_fkey" FOREIGN KEY ("reader_id") REFERENCES "users"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "final_assessments" ADD CONSTRAINT "final_assessments_reading_id_fkey" FOREIGN KEY ("reading_id") REFERENCES "readings"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- The final one is the reading with the aid where there is one, in whatever order the two were read.
CREATE FUNCTION crossread_keep_final_assessments(locked_reading uuid) RETURNS void LANGUAGE sql AS $$
  INSERT INTO "final_assessments"
    ("reader_study_id", "case_id", "laterality", "reader_id", "reading_id", "condition", "birads", "suspicion")
  SELECT a."reader_study_id", a."case_id", breast.key::"Laterality", a."reader_id", r."id", r."condition",
    breast.value->>'birads', (breast.value->>'suspicion')::float8
  FROM "readings" r
  JOIN "reading_assignments" a ON a."id" = r."assignment_id"
  CROSS JOIN LATERAL jsonb_each(r."answers"->'breasts') AS breast
  WHERE r."id" = locked_reading
    AND breast.value->>'birads' IS NOT NULL AND breast.value->>'suspicion' IS NOT NULL
  ON CONFLICT ("reader_study_id", "case_id", "laterality", "reader_id") DO UPDATE
    SET "reading_id" = EXCLUDED."reading_id", "condition" = EXCLUDED."condition", "birads" = EXCLUDED."birads",
      "suspicion" = EXCLUDED."suspicion"
    WHERE EXCLUDED."condition" = 'aided' AND "final_assessments"."condition" = 'unaided'
$$;
CREATE FUNCTION crossread_reading_locked() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM crossread_keep_final_assessments(NEW."id");
  RETURN NULL;
END $$;
CREATE TRIGGER readings_final_on_insert AFTER INSERT ON "readings"
  FOR EACH ROW WHEN (NEW."locked_at" IS NOT NULL) EXECUTE FUNCTION crossread_reading_locked();
CREATE TRIGGER readings_final_on_lock AFTER UPDATE OF "locked_at" ON "readings"
  FOR EACH ROW WHEN (OLD."locked_at" IS NULL AND NEW."locked_at" IS NOT NULL)
  EXECUTE FUNCTION crossread_reading_locked();

SELECT crossread_keep_final_assessments(r."id") FROM "readings" r WHERE r."locked_at" IS NOT NULL;

CREATE TRIGGER final_assessments_immutable BEFORE UPDATE ON "final_assessments"
  FOR EACH ROW WHEN (OLD."condition" = 'aided')
  EXECUTE FUNCTION crossread_refuse('the final assessment of a locked reading is immutable');
