-- What was computed of a closed reader study, and of what: `input_digest` covers readings, labels, marks, maps and scores.
CREATE TABLE "reader_study_analyses" (
    "reader_study_id" UUID NOT NULL,
    "input_digest" TEXT NOT NULL,
    "code_version" TEXT NOT NULL,
    "report" JSONB NOT NULL,
    "computed_at" TIMESTAMPTZ(3) NOT NULL,
    "duration_ms" INTEGER NOT NULL,

    CONSTRAINT "reader_study_analyses_pkey" PRIMARY KEY ("reader_study_id")
);
ALTER TABLE "reader_study_analyses" ADD CONSTRAINT "reader_study_analyses_reader_study_id_fkey" FOREIGN KEY ("reader_study_id") REFERENCES "reader_studies"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- One map against the marks of one reading, of the reference standard or of nobody; kept until its own inputs change.
CREATE TABLE "reader_study_map_measures" (
    "reader_study_id" UUID NOT NULL,
    "saliency_map_id" UUID NOT NULL,
    "target" TEXT NOT NULL,
    "input_digest" TEXT NOT NULL,
    "measures" JSONB NOT NULL,

    CONSTRAINT "reader_study_map_measures_pkey" PRIMARY KEY ("reader_study_id", "saliency_map_id", "target")
);
ALTER TABLE "reader_study_map_measures" ADD CONSTRAINT "reader_study_map_measures_reader_study_id_fkey" FOREIGN KEY ("reader_study_id") REFERENCES "reader_studies"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "reader_study_map_measures" ADD CONSTRAINT "reader_study_map_measures_saliency_map_id_fkey" FOREIGN KEY ("saliency_map_id") REFERENCES "saliency_maps"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "reader_study_map_measures" ADD CONSTRAINT "reader_study_map_measures_target_check"
  CHECK ("target" IN ('none', 'reference') OR "target" ~ '^[0-9a-f-]{36}$');
