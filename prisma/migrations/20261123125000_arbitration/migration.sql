-- Discordances of a closed reader study, their blinded arbitration, and consensus as a reference standard.
CREATE TYPE "discordance_kind" AS ENUM ('reader-reader', 'reader-reference', 'reader-ai', 'ai-changed');
CREATE TYPE "arbitration_step" AS ENUM ('independent', 'decision');

CREATE TABLE "arbitration_queues" (
  "id" UUID NOT NULL,
  "reader_study_id" UUID NOT NULL,
  "seed" INTEGER NOT NULL,
  "rules" JSONB NOT NULL,
  "opened_by" UUID,
  "opened_at" TIMESTAMPTZ(3) NOT NULL,
  CONSTRAINT "arbitration_queues_pkey" PRIMARY KEY ("id")
);
CREATE TABLE "discordances" (
  "id" UUID NOT NULL,
  "queue_id" UUID NOT NULL,
  "case_id" UUID NOT NULL,
  "laterality" "Laterality" NOT NULL,
  "kind" "discordance_kind" NOT NULL,
  "statement" TEXT NOT NULL,
  "created_at" TIMESTAMPTZ(3) NOT NULL,
  CONSTRAINT "discordances_pkey" PRIMARY KEY ("id")
);
CREATE TABLE "arbitrations" (
  "id" UUID NOT NULL,
  "queue_id" UUID NOT NULL,
  "case_id" UUID NOT NULL,
  "arbitrator_id" UUID NOT NULL,
  "position" INTEGER NOT NULL CHECK ("position" >= 0),
  "decided_at" TIMESTAMPTZ(3),
  CONSTRAINT "arbitrations_pkey" PRIMARY KEY ("id")
);
CREATE TABLE "arbitration_readings" (
  "id" UUID NOT NULL,
  "arbitration_id" UUID NOT NULL,
  "step" "arbitration_step" NOT NULL,
  "answers" JSONB NOT NULL,
  "version" INTEGER NOT NULL DEFAULT 1,
  "started_at" TIMESTAMPTZ(3) NOT NULL,
  "locked_at" TIMESTAMPTZ(3),
  "duration_ms" INTEGER NOT NULL DEFAULT 0,
  CONSTRAINT "arbitration_readings_pkey" PRIMARY KEY ("id")
);
CREATE TABLE "consensus_readings" (
  "reference_standard_id" UUID NOT NULL,
  "reading_id" UUID NOT NULL,
  CONSTRAINT "consensus_readings_pkey" PRIMARY KEY ("reference_standard_id", "reading_id")
);
ALTER TABLE "reference_standards" ADD COLUMN "reader_study_id" UUID, ADD COLUMN "arbitration_id" UUID;

CREATE UNIQUE INDEX "arbitration_queues_reader_study_id_key" ON "arbitration_queues"("reader_study_id");
CREATE UNIQUE INDEX "discordances_queue_id_case_id_laterality_kind_key"
  ON "discordances"("queue_id", "case_id", "laterality", "kind");
CREATE INDEX "discordances_case_id_idx" ON "discordances"("case_id");
CREATE UNIQUE INDEX "arbitrations_queue_id_case_id_key" ON "arbitrations"("queue_id", "case_id");
CREATE UNIQUE INDEX "arbitrations_queue_id_arbitrator_id_position_key"
  ON "arbitrations"("queue_id", "arbitrator_id", "position");
CREATE INDEX "arbitrations_arbitrator_id_idx" ON "arbitrations"("arbitrator_id");
CREATE INDEX "arbitrations_case_id_idx" ON "arbitrations"("case_id");
CREATE UNIQUE INDEX "arbitration_readings_arbitration_id_step_key" ON "arbitration_readings"("arbitration_id", "step");
CREATE INDEX "consensus_readings_reading_id_idx" ON "consensus_readings"("reading_id");
CREATE INDEX "reference_standards_reader_study_id_idx" ON "reference_standards"("reader_study_id");

ALTER TABLE "arbitration_queues" ADD CONSTRAINT "arbitration_queues_reader_study_id_fkey" FOREIGN KEY ("reader_study_id") REFERENCES "reader_studies"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "arbitration_queues" ADD CONSTRAINT "arbitration_queues_opened_by_fkey" FOREIGN KEY ("opened_by") REFERENCES "users"("id") ON DELETE SET NULL ON UPDATE CASCADE;
ALTER TABLE "discordances" ADD CONSTRAINT "discordances_queue_id_fkey" FOREIGN KEY ("queue_id") REFERENCES "arbitration_queues"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "discordances" ADD CONSTRAINT "discordances_case_id_fkey" FOREIGN KEY ("case_id") REFERENCES "cases"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "arbitrations" ADD CONSTRAINT "arbitrations_queue_id_fkey" FOREIGN KEY ("queue_id") REFERENCES "arbitration_queues"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "arbitrations" ADD CONSTRAINT "arbitrations_case_id_fkey" FOREIGN KEY ("case_id") REFERENCES "cases"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "arbitrations" ADD CONSTRAINT "arbitrations_arbitrator_id_fkey" FOREIGN KEY ("arbitrator_id") REFERENCES "users"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "arbitration_readings" ADD CONSTRAINT "arbitration_readings_arbitration_id_fkey" FOREIGN KEY ("arbitration_id") REFERENCES "arbitrations"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "consensus_readings" ADD CONSTRAINT "consensus_readings_reference_standard_id_fkey" FOREIGN KEY ("reference_standard_id") REFERENCES "reference_standards"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "consensus_readings" ADD CONSTRAINT "consensus_readings_reading_id_fkey" FOREIGN KEY ("reading_id") REFERENCES "readings"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "reference_standards" ADD CONSTRAINT "reference_standards_reader_study_id_fkey" FOREIGN KEY ("reader_study_id") REFERENCES "reader_studies"("id") ON DELETE SET NULL ON UPDATE CASCADE;
ALTER TABLE "reference_standards" ADD CONSTRAINT "reference_standards_arbitration_id_fkey" FOREIGN KEY ("arbitration_id") REFERENCES "arbitrations"("id") ON DELETE SET NULL ON UPDATE CASCADE;

ALTER TABLE "reference_standards" ADD CONSTRAINT "reference_standards_consensus_check"
  CHECK (("reader_study_id" IS NULL OR "source" = 'reader-consensus')
     AND ("arbitration_id" IS NULL OR "reader_study_id" IS NOT NULL));

-- Arbitration begins when nobody of the study reads any more.
CREATE FUNCTION crossread_closed_study() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM "reader_studies" s WHERE s."id" = NEW."reader_study_id" AND s."state" = 'closed') THEN
    RAISE EXCEPTION 'reader study % is not closed', NEW."reader_study_id";
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER arbitration_queues_closed_study BEFORE INSERT ON "arbitration_queues"
  FOR EACH ROW EXECUTE FUNCTION crossread_closed_study();

-- Nobody arbitrates a case that they read or shall read.
CREATE FUNCTION crossread_arbitrator_is_no_reader() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (
    SELECT 1 FROM "reading_assignments" a WHERE a."case_id" = NEW."case_id" AND a."reader_id" = NEW."arbitrator_id"
  ) THEN
    RAISE EXCEPTION 'user % is a reader of case % and cannot arbitrate it', NEW."arbitrator_id", NEW."case_id";
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER arbitrations_no_reader BEFORE INSERT OR UPDATE OF "arbitrator_id", "case_id" ON "arbitrations"
  FOR EACH ROW EXECUTE FUNCTION crossread_arbitrator_is_no_reader();

-- The others' readings are shown, and decided upon, only after the arbitrator's own reading is locked.
CREATE FUNCTION crossread_sequential_arbitration() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW."step" = 'decision' AND NOT EXISTS (
    SELECT 1 FROM "arbitration_readings" r
    WHERE r."arbitration_id" = NEW."arbitration_id" AND r."step" = 'independent' AND r."locked_at" IS NOT NULL
  ) THEN
    RAISE EXCEPTION 'the independent reading of arbitration % is not locked', NEW."arbitration_id";
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER arbitration_readings_sequential BEFORE INSERT ON "arbitration_readings"
  FOR EACH ROW EXECUTE FUNCTION crossread_sequential_arbitration();

CREATE TRIGGER arbitration_readings_locked BEFORE UPDATE OR DELETE ON "arbitration_readings"
  FOR EACH ROW WHEN (OLD."locked_at" IS NOT NULL)
  EXECUTE FUNCTION crossread_refuse('a locked reading of an arbitration is immutable');
CREATE TRIGGER arbitrations_decided BEFORE UPDATE OR DELETE ON "arbitrations"
  FOR EACH ROW WHEN (OLD."decided_at" IS NOT NULL)
  EXECUTE FUNCTION crossread_refuse('a decided arbitration is immutable');
CREATE TRIGGER arbitration_queues_immutable BEFORE UPDATE OR DELETE ON "arbitration_queues"
  FOR EACH ROW EXECUTE FUNCTION crossread_refuse('the rules of an opened arbitration stay');
CREATE TRIGGER discordances_immutable BEFORE UPDATE OR DELETE ON "discordances"
  FOR EACH ROW EXECUTE FUNCTION crossread_refuse('a recorded discordance is immutable');
CREATE TRIGGER consensus_readings_immutable BEFORE UPDATE OR DELETE ON "consensus_readings"
  FOR EACH ROW EXECUTE FUNCTION crossread_refuse('the provenance of a consensus is immutable');
CREATE TRIGGER reference_standards_provenance BEFORE UPDATE ON "reference_standards"
  FOR EACH ROW WHEN (OLD."reader_study_id" IS DISTINCT FROM NEW."reader_study_id"
                  OR OLD."arbitration_id" IS DISTINCT FROM NEW."arbitration_id")
  EXECUTE FUNCTION crossread_refuse('the provenance of a consensus is immutable');

-- What belongs to a locked reading is as immutable as the reading itself.
CREATE FUNCTION crossread_part_of_locked_reading() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM "readings" r WHERE r."id" = OLD."reading_id" AND r."locked_at" IS NOT NULL) THEN
    RAISE EXCEPTION '% on % is refused: reading % is locked', TG_OP, TG_TABLE_NAME, OLD."reading_id";
  END IF;
  RETURN COALESCE(NEW, OLD);
END $$;
CREATE TRIGGER map_ratings_locked BEFORE UPDATE OR DELETE ON "map_ratings"
  FOR EACH ROW EXECUTE FUNCTION crossread_part_of_locked_reading();
CREATE TRIGGER annotations_locked BEFORE UPDATE OR DELETE ON "annotations"
  FOR EACH ROW WHEN (OLD."reading_id" IS NOT NULL) EXECUTE FUNCTION crossread_part_of_locked_reading();
