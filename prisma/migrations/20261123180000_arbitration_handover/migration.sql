-- A case whose own reading is locked can go to another arbitrator: the locked reading stays with the one who gave it up, and
-- the successor gets an arbitration of their own.
ALTER TABLE "arbitrations"
  ADD COLUMN "superseded_at" TIMESTAMPTZ(3),
  ADD COLUMN "superseded_reason" TEXT,
  ADD CONSTRAINT "arbitrations_superseded_check" CHECK (
    ("superseded_at" IS NULL) = ("superseded_reason" IS NULL)
    AND ("superseded_at" IS NULL OR "decided_at" IS NULL)
  );

DROP INDEX "arbitrations_queue_id_case_id_key";
CREATE UNIQUE INDEX "arbitrations_queue_id_case_id_key"
  ON "arbitrations"("queue_id", "case_id") WHERE "superseded_at" IS NULL;

CREATE TRIGGER arbitrations_superseded BEFORE UPDATE OR DELETE ON "arbitrations"
  FOR EACH ROW WHEN (OLD."superseded_at" IS NOT NULL)
  EXECUTE FUNCTION crossread_refuse('a superseded arbitration is immutable');

-- What was given up takes nothing more, and what the record keeps of it is the locked reading.
CREATE FUNCTION crossread_superseded_arbitration() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (
    SELECT 1 FROM "arbitrations" a WHERE a."id" = NEW."arbitration_id" AND a."superseded_at" IS NOT NULL
  ) THEN
    RAISE EXCEPTION 'arbitration % was handed over and takes no reading', NEW."arbitration_id";
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER arbitration_readings_superseded BEFORE INSERT OR UPDATE ON "arbitration_readings"
  FOR EACH ROW EXECUTE FUNCTION crossread_superseded_arbitration();

-- Who gave a case up has seen the other readings and is no longer kept blind.
CREATE OR REPLACE FUNCTION crossread_arbitrator_is_no_reader() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (
    SELECT 1 FROM "reading_assignments" a WHERE a."case_id" = NEW."case_id" AND a."reader_id" = NEW."arbitrator_id"
  ) THEN
    RAISE EXCEPTION 'user % is a reader of case % and cannot arbitrate it', NEW."arbitrator_id", NEW."case_id";
  END IF;
  IF EXISTS (
    SELECT 1 FROM "arbitrations" a WHERE a."case_id" = NEW."case_id" AND a."arbitrator_id" = NEW."arbitrator_id"
      AND a."superseded_at" IS NOT NULL
  ) THEN
    RAISE EXCEPTION 'user % gave up the arbitration of case % and cannot take it again',
      NEW."arbitrator_id", NEW."case_id";
  END IF;
  RETURN NEW;
END $$;
