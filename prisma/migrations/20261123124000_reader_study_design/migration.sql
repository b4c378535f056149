-- Designs, allocation and sessions of reader studies, and the invitation of each reader.
CREATE TYPE "reader_study_design" AS ENUM ('sequential', 'crossover');
CREATE TYPE "reader_allocation" AS ENUM ('fully-crossed', 'split-plot', 'double-reading');
CREATE TYPE "participation" AS ENUM ('planned', 'invited', 'accepted', 'declined', 'withdrawn');

ALTER TABLE "reader_studies"
  ADD COLUMN "split" "split",
  ADD COLUMN "case_limit" INTEGER,
  ADD COLUMN "design" "reader_study_design" NOT NULL DEFAULT 'sequential',
  ADD COLUMN "allocation" "reader_allocation" NOT NULL DEFAULT 'fully-crossed',
  ADD COLUMN "group_count" INTEGER,
  ADD COLUMN "washout_days" INTEGER NOT NULL DEFAULT 28,
  ADD COLUMN "session_minutes" INTEGER NOT NULL DEFAULT 120,
  ADD COLUMN "break_after_minutes" INTEGER NOT NULL DEFAULT 45,
  ADD COLUMN "break_minutes" INTEGER NOT NULL DEFAULT 15,
  ADD COLUMN "opened_at" TIMESTAMPTZ(3),
  ADD COLUMN "closed_at" TIMESTAMPTZ(3),
  ADD CONSTRAINT "reader_studies_groups_check"
    CHECK (("allocation" = 'split-plot') = ("group_count" IS NOT NULL) AND ("group_count" IS NULL OR "group_count" >= 2)),
  ADD CONSTRAINT "reader_studies_times_check"
    CHECK ("washout_days" >= 1 AND "break_minutes" >= 1 AND "break_after_minutes" BETWEEN 1 AND "session_minutes");
UPDATE "reader_studies" SET "opened_at" = "created_at" WHERE "state" <> 'draft';

CREATE TABLE "reader_study_readers" (
    "reader_study_id" UUID NOT NULL,
    "reader_id" UUID NOT NULL,
    "place" INTEGER NOT NULL,
    "group_index" INTEGER,
    "participation" "participation" NOT NULL DEFAULT 'planned',
    "invited_at" TIMESTAMPTZ(3),
    "responded_at" TIMESTAMPTZ(3),
    "withdrawn_at" TIMESTAMPTZ(3),
    "reason" TEXT,

    CONSTRAINT "reader_study_readers_pkey" PRIMARY KEY ("reader_study_id", "reader_id")
);
CREATE UNIQUE INDEX "reader_study_readers_reader_study_id_place_key" ON "reader_study_readers"("reader_study_id", "place");
CREATE INDEX "reader_study_readers_reader_id_idx" ON "reader_study_readers"("reader_id");
ALTER TABLE "reader_study_readers" ADD CONSTRAINT "reader_study_readers_reader_study_id_fkey" FOREIGN KEY ("reader_study_id") REFERENCES "reader_studies"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "reader_study_readers" ADD CONSTRAINT "reader_study_readers_reader_id_fkey" FOREIGN KEY ("reader_id") REFERENCES "users"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- Who reads in a study that stands already has been asked in person.
INSERT INTO "reader_study_readers" ("reader_study_id", "reader_id", "place", "participation", "invited_at", "responded_at")
SELECT "reader_study_id", "reader_id",
  (row_number() OVER (PARTITION BY "reader_study_id" ORDER BY "first_id") - 1)::integer,
  (CASE WHEN "state" = 'draft' THEN 'planned' ELSE 'accepted' END)::"participation",
  CASE WHEN "state" = 'draft' THEN NULL ELSE "created_at" END,
  CASE WHEN "state" = 'draft' THEN NULL ELSE "created_at" END
FROM (
  SELECT a."reader_study_id", a."reader_id", s."state", s."created_at", min(a."id"::text) AS "first_id"
  FROM "reading_assignments" a JOIN "reader_studies" s ON s."id" = a."reader_study_id"
  GROUP BY a."reader_study_id", a."reader_id", s."state", s."created_at"
) AS "assigned";

ALTER TABLE "reading_assignments"
  ADD COLUMN "period" INTEGER NOT NULL DEFAULT 1,
  ADD COLUMN "condition" "condition",
  ADD COLUMN "submitted_at" TIMESTAMPTZ(3),
  ADD CONSTRAINT "reading_assignments_period_check" CHECK ("period" IN (1, 2) AND ("period" = 1 OR "condition" IS NOT NULL));
DROP INDEX "reading_assignments_reader_study_id_reader_id_case_id_key";
CREATE UNIQUE INDEX "reading_assignments_reader_study_id_reader_id_case_id_perio_key" ON "reading_assignments"("reader_study_id", "reader_id", "case_id", "period");
ALTER TABLE "reading_assignments" ADD CONSTRAINT "reading_assignments_reader_study_id_reader_id_fkey" FOREIGN KEY ("reader_study_id", "reader_id") REFERENCES "reader_study_readers"("reader_study_id", "reader_id") ON DELETE CASCADE ON UPDATE CASCADE;

UPDATE "reading_assignments" a SET "submitted_at" = r."locked_at"
FROM "readings" r WHERE r."assignment_id" = a."id" AND r."condition" = 'aided' AND r."locked_at" IS NOT NULL;

CREATE FUNCTION crossread_submit_assignment() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE "reading_assignments" a SET "submitted_at" = NEW."locked_at"
  WHERE a."id" = NEW."assignment_id" AND a."submitted_at" IS NULL
    AND NEW."condition" = COALESCE(a."condition", 'aided');
  RETURN NULL;
END $$;
CREATE TRIGGER readings_submit_inserted AFTER INSERT ON "readings"
  FOR EACH ROW WHEN (NEW."locked_at" IS NOT NULL) EXECUTE FUNCTION crossread_submit_assignment();
CREATE TRIGGER readings_submit_locked AFTER UPDATE OF "locked_at" ON "readings"
  FOR EACH ROW WHEN (NEW."locked_at" IS NOT NULL) EXECUTE FUNCTION crossread_submit_assignment();

-- An assignment of one condition has a reading of that condition only; of both, the unaided one is locked first.
CREATE OR REPLACE FUNCTION crossread_sequential_reading() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE only_condition "condition";
BEGIN
  SELECT a."condition" INTO only_condition FROM "reading_assignments" a WHERE a."id" = NEW."assignment_id";
  IF only_condition IS NOT NULL THEN
    IF only_condition <> NEW."condition" THEN
      RAISE EXCEPTION 'assignment % is read % only', NEW."assignment_id", only_condition;
    END IF;
    RETURN NEW;
  END IF;
  IF NEW."condition" = 'aided' AND NOT EXISTS (
    SELECT 1 FROM "readings" r
    WHERE r."assignment_id" = NEW."assignment_id" AND r."condition" = 'unaided' AND r."locked_at" IS NOT NULL
  ) THEN
    RAISE EXCEPTION 'the unaided reading of assignment % is not locked', NEW."assignment_id"
     ;
  END IF;
  RETURN NEW;
END $$;

CREATE TABLE "reading_sessions" (
    "id" UUID NOT NULL,
    "reader_id" UUID NOT NULL,
    "started_at" TIMESTAMPTZ(3) NOT NULL,
    "last_active_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "reading_sessions_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "reading_sessions_reader_id_started_at_idx" ON "reading_sessions"("reader_id", "started_at");
ALTER TABLE "reading_sessions" ADD CONSTRAINT "reading_sessions_reader_id_fkey" FOREIGN KEY ("reader_id") REFERENCES "users"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
