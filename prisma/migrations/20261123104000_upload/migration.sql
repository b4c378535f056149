CREATE TYPE "upload_source" AS ENUM ('browser', 'stow', 'dimse', 'cli');
CREATE TYPE "upload_state" AS ENUM ('open', 'ingesting', 'finished', 'cancelled');
CREATE TYPE "upload_file_state" AS ENUM ('receiving', 'staged', 'accepted', 'known', 'refused');

CREATE TABLE "uploads" (
    "id" UUID NOT NULL,
    "site_id" UUID NOT NULL,
    "created_by" UUID,
    "source" "upload_source" NOT NULL,
    "state" "upload_state" NOT NULL DEFAULT 'open',
    "profile" TEXT,
    "announced_files" INTEGER NOT NULL DEFAULT 0,
    "announced_bytes" BIGINT NOT NULL DEFAULT 0,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "last_activity_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "finished_at" TIMESTAMPTZ(3),
    CONSTRAINT "uploads_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "uploads_site_id_created_at_idx" ON "uploads"("site_id", "created_at");
CREATE INDEX "uploads_state_idx" ON "uploads"("state");
ALTER TABLE "uploads" ADD CONSTRAINT "uploads_site_id_fkey" FOREIGN KEY ("site_id") REFERENCES "sites"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "uploads" ADD CONSTRAINT "uploads_created_by_fkey" FOREIGN KEY ("created_by") REFERENCES "users"("id") ON DELETE SET NULL ON UPDATE CASCADE;
-- Lets a file name its upload and site together, so that neither can point elsewhere.
CREATE UNIQUE INDEX "uploads_id_site_id_key" ON "uploads"("id", "site_id");

CREATE TABLE "upload_files" (
    "id" UUID NOT NULL,
    "upload_id" UUID NOT NULL,
    "site_id" UUID NOT NULL,
    "sha256" TEXT,
    "size_bytes" INTEGER NOT NULL DEFAULT 0,
    "received_bytes" INTEGER NOT NULL DEFAULT 0,
    "state" "upload_file_state" NOT NULL DEFAULT 'receiving',
    "staged_key" TEXT,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "code" TEXT,
    "message" TEXT,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT "upload_files_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "upload_files_upload_id_sha256_key" ON "upload_files"("upload_id", "sha256");
CREATE UNIQUE INDEX "upload_files_upload_id_staged_key_key" ON "upload_files"("upload_id", "staged_key");
CREATE INDEX "upload_files_upload_id_state_id_idx" ON "upload_files"("upload_id", "state", "id");
CREATE INDEX "upload_files_site_id_sha256_idx" ON "upload_files"("site_id", "sha256");
CREATE INDEX "upload_files_site_id_state_idx" ON "upload_files"("site_id", "state");
CREATE INDEX "upload_files_state_updated_at_idx" ON "upload_files"("state", "updated_at");
ALTER TABLE "upload_files" ADD CONSTRAINT "upload_files_upload_id_fkey" FOREIGN KEY ("upload_id") REFERENCES "uploads"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "upload_files" ADD CONSTRAINT "upload_files_site_check" FOREIGN KEY ("upload_id", "site_id") REFERENCES "uploads"("id", "site_id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "upload_files" ADD CONSTRAINT "upload_files_size_check"
  CHECK ("size_bytes" >= 0 AND "received_bytes" BETWEEN 0 AND "size_bytes");
ALTER TABLE "upload_files" ADD CONSTRAINT "upload_files_digest_check" CHECK ("sha256" ~ '^[0-9a-f]{64}$');
ALTER TABLE "upload_files" ADD CONSTRAINT "upload_files_staged_check"
  CHECK ("state" <> 'staged' OR "staged_key" IS NOT NULL);

ALTER TABLE "refused_files" ADD COLUMN "upload_id" UUID;
ALTER TABLE "refused_files" ADD COLUMN "sop_instance_uid" TEXT;
ALTER TABLE "refused_files" ADD COLUMN "dismissed_at" TIMESTAMPTZ(3);
ALTER TABLE "refused_files" ADD COLUMN "dismissed_by" UUID;
ALTER TABLE "refused_files" ADD COLUMN "dismiss_reason" TEXT;
CREATE INDEX "refused_files_site_id_sop_instance_uid_idx" ON "refused_files"("site_id", "sop_instance_uid");
CREATE INDEX "refused_files_resolved_at_dismissed_at_received_at_idx" ON "refused_files"("resolved_at", "dismissed_at", "received_at");
ALTER TABLE "refused_files" ADD CONSTRAINT "refused_files_dismissed_by_fkey" FOREIGN KEY ("dismissed_by") REFERENCES "users"("id") ON DELETE SET NULL ON UPDATE CASCADE;
ALTER TABLE "refused_files" ADD CONSTRAINT "refused_files_dismissed_check"
  CHECK ("dismissed_at" IS NULL OR "dismiss_reason" IS NOT NULL);
