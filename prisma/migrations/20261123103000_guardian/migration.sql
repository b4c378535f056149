ALTER TABLE "instances" ADD COLUMN "compared_at" TIMESTAMPTZ(3);
-- Instances that the split guardian has still to compare: few, or none.
CREATE INDEX "instances_uncompared_idx" ON "instances" ("id") WHERE "compared_at" IS NULL;

CREATE TYPE "pair_kind" AS ENUM ('exact', 'near');
CREATE TABLE "image_pairs" (
    "id" UUID NOT NULL,
    "first_instance_id" UUID NOT NULL,
    "second_instance_id" UUID NOT NULL,
    "kind" "pair_kind" NOT NULL,
    "score" DOUBLE PRECISION NOT NULL,
    "transform" JSONB NOT NULL,
    "found_at" TIMESTAMPTZ(3) NOT NULL,
    CONSTRAINT "image_pairs_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "image_pairs_distinct_check" CHECK ("first_instance_id" <> "second_instance_id"),
    CONSTRAINT "image_pairs_score_check" CHECK ("score" BETWEEN 0 AND 1)
);
CREATE UNIQUE INDEX "image_pairs_first_instance_id_second_instance_id_key" ON "image_pairs"("first_instance_id", "second_instance_id");
CREATE INDEX "image_pairs_second_instance_id_idx" ON "image_pairs"("second_instance_id");
-- Found from either side, a pair is one row.
CREATE UNIQUE INDEX "image_pairs_unordered_key"
  ON "image_pairs" (LEAST("first_instance_id", "second_instance_id"), GREATEST("first_instance_id", "second_instance_id"));
ALTER TABLE "image_pairs" ADD CONSTRAINT "image_pairs_first_instance_id_fkey" FOREIGN KEY ("first_instance_id") REFERENCES "instances"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "image_pairs" ADD CONSTRAINT "image_pairs_second_instance_id_fkey" FOREIGN KEY ("second_instance_id") REFERENCES "instances"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

CREATE TYPE "pair_verdict" AS ENUM ('no-leak', 'excluded');
CREATE TABLE "pair_decisions" (
    "id" UUID NOT NULL,
    "pair_id" UUID NOT NULL,
    "verdict" "pair_verdict" NOT NULL,
    "cohort_id" UUID,
    "case_id" UUID,
    "reason" TEXT NOT NULL,
    "decided_by" UUID,
    "decided_at" TIMESTAMPTZ(3) NOT NULL,
    "undone_by" UUID,
    "undone_at" TIMESTAMPTZ(3),
    CONSTRAINT "pair_decisions_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "pair_decisions_reason_check" CHECK (length(btrim("reason")) > 0),
    CONSTRAINT "pair_decisions_excluded_check" CHECK (("verdict" = 'excluded') = ("case_id" IS NOT NULL))
);
CREATE INDEX "pair_decisions_pair_id_idx" ON "pair_decisions"("pair_id");
CREATE INDEX "pair_decisions_cohort_id_idx" ON "pair_decisions"("cohort_id");
CREATE UNIQUE INDEX "pair_decisions_no_leak_key"
  ON "pair_decisions" ("pair_id") WHERE "verdict" = 'no-leak' AND "undone_at" IS NULL;
ALTER TABLE "pair_decisions" ADD CONSTRAINT "pair_decisions_pair_id_fkey" FOREIGN KEY ("pair_id") REFERENCES "image_pairs"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "pair_decisions" ADD CONSTRAINT "pair_decisions_cohort_id_fkey" FOREIGN KEY ("cohort_id") REFERENCES "cohorts"("id") ON DELETE SET NULL ON UPDATE CASCADE;
ALTER TABLE "pair_decisions" ADD CONSTRAINT "pair_decisions_case_id_fkey" FOREIGN KEY ("case_id") REFERENCES "cases"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "pair_decisions" ADD CONSTRAINT "pair_decisions_decided_by_fkey" FOREIGN KEY ("decided_by") REFERENCES "users"("id") ON DELETE SET NULL ON UPDATE CASCADE;
ALTER TABLE "pair_decisions" ADD CONSTRAINT "pair_decisions_undone_by_fkey" FOREIGN KEY ("undone_by") REFERENCES "users"("id") ON DELETE SET NULL ON UPDATE CASCADE;

CREATE TABLE "subject_links" (
    "id" UUID NOT NULL,
    "first_subject_id" UUID NOT NULL,
    "second_subject_id" UUID NOT NULL,
    "pair_id" UUID,
    "reason" TEXT NOT NULL,
    "linked_by" UUID,
    "linked_at" TIMESTAMPTZ(3) NOT NULL,
    "undone_by" UUID,
    "undone_at" TIMESTAMPTZ(3),
    CONSTRAINT "subject_links_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "subject_links_distinct_check" CHECK ("first_subject_id" <> "second_subject_id"),
    CONSTRAINT "subject_links_reason_check" CHECK (length(btrim("reason")) > 0)
);
CREATE INDEX "subject_links_first_subject_id_idx" ON "subject_links"("first_subject_id");
CREATE INDEX "subject_links_second_subject_id_idx" ON "subject_links"("second_subject_id");
CREATE UNIQUE INDEX "subject_links_in_force_key"
  ON "subject_links" (LEAST("first_subject_id", "second_subject_id"), GREATEST("first_subject_id", "second_subject_id"))
  WHERE "undone_at" IS NULL;
ALTER TABLE "subject_links" ADD CONSTRAINT "subject_links_first_subject_id_fkey" FOREIGN KEY ("first_subject_id") REFERENCES "subjects"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "subject_links" ADD CONSTRAINT "subject_links_second_subject_id_fkey" FOREIGN KEY ("second_subject_id") REFERENCES "subjects"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "subject_links" ADD CONSTRAINT "subject_links_pair_id_fkey" FOREIGN KEY ("pair_id") REFERENCES "image_pairs"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "subject_links" ADD CONSTRAINT "subject_links_linked_by_fkey" FOREIGN KEY ("linked_by") REFERENCES "users"("id") ON DELETE SET NULL ON UPDATE CASCADE;
ALTER TABLE "subject_links" ADD CONSTRAINT "subject_links_undone_by_fkey" FOREIGN KEY ("undone_by") REFERENCES "users"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- Decisions stay on record: they may be undone once, and nothing else changes.
CREATE FUNCTION crossread_decision_kept() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE free text[] := ARRAY['undone_at', 'undone_by', 'decided_by', 'linked_by', 'cohort_id'];
BEGIN
  -- Whoever decided, and a draft cohort, may be deleted; the rest stands.
  IF (to_jsonb(NEW) - free) <> (to_jsonb(OLD) - free)
    OR (OLD."undone_at" IS NOT NULL AND NEW."undone_at" IS DISTINCT FROM OLD."undone_at") THEN
    RAISE EXCEPTION 'a decision on % is kept: it may be undone once, and nothing else changes', TG_TABLE_NAME;
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER pair_decisions_kept BEFORE UPDATE ON "pair_decisions"
  FOR EACH ROW EXECUTE FUNCTION crossread_decision_kept();
CREATE TRIGGER subject_links_kept BEFORE UPDATE ON "subject_links"
  FOR EACH ROW EXECUTE FUNCTION crossread_decision_kept();
CREATE TRIGGER pair_decisions_no_delete BEFORE DELETE ON "pair_decisions"
  FOR EACH ROW EXECUTE FUNCTION crossread_refuse('a decision about a pair is kept');
CREATE TRIGGER subject_links_no_delete BEFORE DELETE ON "subject_links"
  FOR EACH ROW EXECUTE FUNCTION crossread_refuse('a link between subjects is kept');
