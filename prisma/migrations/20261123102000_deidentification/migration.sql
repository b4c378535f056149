-- 32 random bytes sealed with AES-256-GCM under the platform's master key; made at first use.
ALTER TABLE "sites" ADD COLUMN "deidentification_key" BYTEA;

CREATE TABLE "deidentification_receipts" (
    "study_id" UUID NOT NULL,
    "content" JSONB NOT NULL,
    "issued_at" TIMESTAMPTZ(3) NOT NULL,
    CONSTRAINT "deidentification_receipts_pkey" PRIMARY KEY ("study_id")
);
ALTER TABLE "deidentification_receipts" ADD CONSTRAINT "deidentification_receipts_study_id_fkey" FOREIGN KEY ("study_id") REFERENCES "studies"("id") ON DELETE CASCADE ON UPDATE CASCADE;
