-- Lesion marks of the reference standard are labels like the others: descriptors, pathology, who changed them and why.
-- A former mark stays with what ended it; a reader's mark has descriptors at most.
ALTER TABLE "annotations"
  ADD COLUMN "descriptors" JSONB,
  ADD COLUMN "pathology" TEXT,
  ADD COLUMN "reason" TEXT,
  ADD COLUMN "superseded_at" TIMESTAMPTZ(3),
  ADD COLUMN "superseded_by" UUID,
  ADD COLUMN "superseded_reason" TEXT,
  ADD COLUMN "replaces_id" UUID;
ALTER TABLE "annotations" ADD CONSTRAINT "annotations_superseded_by_fkey" FOREIGN KEY ("superseded_by") REFERENCES "users"("id") ON DELETE SET NULL ON UPDATE CASCADE;
ALTER TABLE "annotations" ADD CONSTRAINT "annotations_replaces_id_fkey" FOREIGN KEY ("replaces_id") REFERENCES "annotations"("id") ON DELETE SET NULL ON UPDATE CASCADE;
ALTER TABLE "annotations" ADD CONSTRAINT "annotations_history_check"
  CHECK ("source" = 'reference' OR ("pathology" IS NULL AND "superseded_at" IS NULL AND "replaces_id" IS NULL));
