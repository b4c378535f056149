-- Waits for a person's word about what may be text in its pixels.
ALTER TYPE "upload_file_state" ADD VALUE 'held';

-- What a site does about text that a device burns in at known places.
CREATE TABLE "pixel_rules" (
    "id" UUID NOT NULL,
    "site_id" UUID NOT NULL,
    "manufacturer" TEXT NOT NULL,
    "model" TEXT NOT NULL,
    "rows" INTEGER NOT NULL,
    "columns" INTEGER NOT NULL,
    "kind" TEXT NOT NULL,
    "regions" JSONB NOT NULL,
    "created_by" UUID,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT "pixel_rules_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "pixel_rules_site_id_idx" ON "pixel_rules"("site_id");
ALTER TABLE "pixel_rules" ADD CONSTRAINT "pixel_rules_site_id_fkey" FOREIGN KEY ("site_id") REFERENCES "sites"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "pixel_rules" ADD CONSTRAINT "pixel_rules_created_by_fkey" FOREIGN KEY ("created_by") REFERENCES "users"("id") ON DELETE SET NULL ON UPDATE CASCADE;
ALTER TABLE "pixel_rules" ADD CONSTRAINT "pixel_rules_kind_check" CHECK ("kind" IN ('allow', 'mask'));
ALTER TABLE "pixel_rules" ADD CONSTRAINT "pixel_rules_size_check" CHECK ("rows" > 0 AND "columns" > 0);

-- What is kept of a held file, until it is taken in or left out.
CREATE TABLE "held_files" (
    "file_id" UUID NOT NULL,
    "site_id" UUID NOT NULL,
    "refused_file_id" UUID NOT NULL,
    "blob_key" TEXT NOT NULL,
    "blob_sha256" TEXT NOT NULL,
    "preview_key" TEXT NOT NULL,
    "manufacturer" TEXT NOT NULL,
    "model" TEXT NOT NULL,
    "rows" INTEGER NOT NULL,
    "columns" INTEGER NOT NULL,
    "regions" JSONB NOT NULL,
    "deidentification" JSONB NOT NULL,
    "answer" JSONB,
    "decided_by" UUID,
    "decided_at" TIMESTAMPTZ(3),
    CONSTRAINT "held_files_pkey" PRIMARY KEY ("file_id")
);
CREATE INDEX "held_files_refused_file_id_idx" ON "held_files"("refused_file_id");
CREATE INDEX "held_files_site_id_manufacturer_model_idx" ON "held_files"("site_id", "manufacturer", "model");
ALTER TABLE "held_files" ADD CONSTRAINT "held_files_file_id_fkey" FOREIGN KEY ("file_id") REFERENCES "upload_files"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "held_files" ADD CONSTRAINT "held_files_site_id_fkey" FOREIGN KEY ("site_id") REFERENCES "sites"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "held_files" ADD CONSTRAINT "held_files_refused_file_id_fkey" FOREIGN KEY ("refused_file_id") REFERENCES "refused_files"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "held_files" ADD CONSTRAINT "held_files_decided_by_fkey" FOREIGN KEY ("decided_by") REFERENCES "users"("id") ON DELETE SET NULL ON UPDATE CASCADE;
ALTER TABLE "held_files" ADD CONSTRAINT "held_files_decided_check" CHECK (("answer" IS NULL) = ("decided_at" IS NULL));
