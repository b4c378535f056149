-- CreateSchema
CREATE SCHEMA IF NOT EXISTS "public";

-- CreateEnum
CREATE TYPE "Role" AS ENUM ('admin', 'coordinator', 'radiologist', 'auditor');

-- CreateEnum
CREATE TYPE "acquisition" AS ENUM ('film-digitised', 'digital', 'synthetic');

-- CreateEnum
CREATE TYPE "Laterality" AS ENUM ('L', 'R');

-- CreateEnum
CREATE TYPE "View" AS ENUM ('CC', 'MLO');

-- CreateEnum
CREATE TYPE "Finding" AS ENUM ('normal', 'benign', 'malignant');

-- CreateEnum
CREATE TYPE "reference_source" AS ENUM ('pathology', 'follow-up', 'reader-consensus', 'data-set');

-- CreateEnum
CREATE TYPE "AnnotationSource" AS ENUM ('reference', 'reader');

-- CreateEnum
CREATE TYPE "split" AS ENUM ('train', 'tuning', 'internal-test', 'external-test');

-- CreateEnum
CREATE TYPE "run_state" AS ENUM ('queued', 'preparing', 'running', 'cancelling', 'cancelled', 'completed', 'failed');

-- CreateEnum
CREATE TYPE "round_state" AS ENUM ('pending', 'training', 'aggregating', 'evaluating', 'completed', 'cancelled', 'failed');

-- CreateEnum
CREATE TYPE "update_state" AS ENUM ('pending', 'training', 'received', 'accepted', 'refused', 'missed', 'cancelled');

-- CreateEnum
CREATE TYPE "validation_state" AS ENUM ('draft', 'running', 'reading', 'adjudication', 'published', 'failed');

-- CreateEnum
CREATE TYPE "reader_study_state" AS ENUM ('draft', 'open', 'closed');

-- CreateEnum
CREATE TYPE "condition" AS ENUM ('unaided', 'aided');

-- CreateTable
CREATE TABLE "sites" (
    "id" UUID NOT NULL,
    "code" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "colour_index" INTEGER NOT NULL,
    "acquisition" "acquisition" NOT NULL,
    "is_active" BOOLEAN NOT NULL DEFAULT true,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "sites_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "users" (
    "id" UUID NOT NULL,
    "email" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "password_hash" TEXT NOT NULL,
    "session_version" INTEGER NOT NULL DEFAULT 1,
    "is_demo" BOOLEAN NOT NULL DEFAULT false,
    "disabled_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "users_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "memberships" (
    "id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "site_id" UUID,
    "role" "Role" NOT NULL,

    CONSTRAINT "memberships_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "api_tokens" (
    "id" UUID NOT NULL,
    "site_id" UUID NOT NULL,
    "created_by" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "token_hash" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3),
    "last_used_at" TIMESTAMPTZ(3),
    "revoked_at" TIMESTAMPTZ(3),

    CONSTRAINT "api_tokens_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "subjects" (
    "id" UUID NOT NULL,
    "site_id" UUID NOT NULL,
    "pseudonym" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "subjects_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "studies" (
    "id" UUID NOT NULL,
    "site_id" UUID NOT NULL,
    "subject_id" UUID NOT NULL,
    "study_instance_uid" TEXT NOT NULL,
    "study_date" DATE,
    "patient_age_years" INTEGER,
    "received_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "studies_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "series" (
    "id" UUID NOT NULL,
    "study_id" UUID NOT NULL,
    "series_instance_uid" TEXT NOT NULL,

    CONSTRAINT "series_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "instances" (
    "id" UUID NOT NULL,
    "site_id" UUID NOT NULL,
    "series_id" UUID NOT NULL,
    "case_id" UUID NOT NULL,
    "sop_instance_uid" TEXT NOT NULL,
    "laterality" "Laterality" NOT NULL,
    "view" "View" NOT NULL,
    "rows" INTEGER NOT NULL,
    "columns" INTEGER NOT NULL,
    "bits_stored" INTEGER NOT NULL,
    "photometric_interpretation" TEXT NOT NULL,
    "imager_pixel_spacing_mm" DOUBLE PRECISION,
    "manufacturer" TEXT,
    "manufacturer_model_name" TEXT,
    "blob_key" TEXT NOT NULL,
    "sha256" TEXT NOT NULL,
    "size_bytes" INTEGER NOT NULL,
    "thumbnail_key" TEXT,
    "perceptual_hash" TEXT,
    "received_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "instances_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "refused_files" (
    "id" UUID NOT NULL,
    "site_id" UUID NOT NULL,
    "sha256" TEXT NOT NULL,
    "size_bytes" INTEGER NOT NULL,
    "code" TEXT NOT NULL,
    "message" TEXT NOT NULL,
    "remedy" TEXT NOT NULL,
    "received_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "resolved_at" TIMESTAMPTZ(3),

    CONSTRAINT "refused_files_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "cases" (
    "id" UUID NOT NULL,
    "site_id" UUID NOT NULL,
    "subject_id" UUID NOT NULL,
    "study_id" UUID NOT NULL,
    "label" TEXT NOT NULL,
    "density" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "cases_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "reference_standards" (
    "id" UUID NOT NULL,
    "case_id" UUID NOT NULL,
    "laterality" "Laterality" NOT NULL,
    "finding" "Finding" NOT NULL,
    "source" "reference_source" NOT NULL,
    "reason" TEXT,
    "created_by" UUID,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "superseded_at" TIMESTAMPTZ(3),

    CONSTRAINT "reference_standards_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "annotations" (
    "id" UUID NOT NULL,
    "instance_id" UUID NOT NULL,
    "source" "AnnotationSource" NOT NULL,
    "reading_id" UUID,
    "author_id" UUID,
    "geometry" JSONB NOT NULL,
    "kind" TEXT NOT NULL,
    "finding" "Finding",
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "annotations_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "cohorts" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "purpose" TEXT NOT NULL DEFAULT '',
    "seed" INTEGER NOT NULL,
    "digest" TEXT,
    "frozen_at" TIMESTAMPTZ(3),
    "created_by" UUID,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "cohorts_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "cohort_subjects" (
    "cohort_id" UUID NOT NULL,
    "subject_id" UUID NOT NULL,
    "site_id" UUID NOT NULL,
    "split" "split" NOT NULL,

    CONSTRAINT "cohort_subjects_pkey" PRIMARY KEY ("cohort_id","subject_id")
);

-- CreateTable
CREATE TABLE "cohort_cases" (
    "cohort_id" UUID NOT NULL,
    "case_id" UUID NOT NULL,
    "subject_id" UUID NOT NULL,
    "split" "split" NOT NULL,

    CONSTRAINT "cohort_cases_pkey" PRIMARY KEY ("cohort_id","case_id")
);

-- CreateTable
CREATE TABLE "training_runs" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "cohort_id" UUID NOT NULL,
    "plan" JSONB NOT NULL,
    "state" "run_state" NOT NULL DEFAULT 'queued',
    "failure_code" TEXT,
    "failure_message" TEXT,
    "initial_checkpoint_id" UUID,
    "created_by" UUID,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "started_at" TIMESTAMPTZ(3),
    "finished_at" TIMESTAMPTZ(3),

    CONSTRAINT "training_runs_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "training_run_sites" (
    "run_id" UUID NOT NULL,
    "site_id" UUID NOT NULL,

    CONSTRAINT "training_run_sites_pkey" PRIMARY KEY ("run_id","site_id")
);

-- CreateTable
CREATE TABLE "training_rounds" (
    "id" UUID NOT NULL,
    "run_id" UUID NOT NULL,
    "number" INTEGER NOT NULL,
    "state" "round_state" NOT NULL DEFAULT 'pending',
    "base_checkpoint_id" UUID,
    "result_checkpoint_id" UUID,
    "deadline_at" TIMESTAMPTZ(3),
    "started_at" TIMESTAMPTZ(3),
    "finished_at" TIMESTAMPTZ(3),

    CONSTRAINT "training_rounds_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "site_updates" (
    "id" UUID NOT NULL,
    "round_id" UUID NOT NULL,
    "site_id" UUID NOT NULL,
    "state" "update_state" NOT NULL DEFAULT 'pending',
    "fence" INTEGER NOT NULL DEFAULT 0,
    "example_count" INTEGER,
    "blob_key" TEXT,
    "sha256" TEXT,
    "delta_norm" DOUBLE PRECISION,
    "cosine_to_mean" DOUBLE PRECISION,
    "refusal_code" TEXT,
    "refusal_message" TEXT,
    "progress" JSONB,
    "started_at" TIMESTAMPTZ(3),
    "finished_at" TIMESTAMPTZ(3),

    CONSTRAINT "site_updates_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "checkpoints" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "sha256" TEXT NOT NULL,
    "blob_key" TEXT NOT NULL,
    "manifest" JSONB NOT NULL,
    "parent_id" UUID,
    "run_id" UUID,
    "round_number" INTEGER NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "checkpoints_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "predictions" (
    "id" UUID NOT NULL,
    "checkpoint_id" UUID NOT NULL,
    "instance_id" UUID NOT NULL,
    "score" DOUBLE PRECISION NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "predictions_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "saliency_maps" (
    "id" UUID NOT NULL,
    "checkpoint_id" UUID NOT NULL,
    "instance_id" UUID NOT NULL,
    "class_label" "Finding" NOT NULL,
    "layer" TEXT NOT NULL,
    "blob_key" TEXT NOT NULL,
    "width_px" INTEGER NOT NULL,
    "height_px" INTEGER NOT NULL,
    "transform" JSONB NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "saliency_maps_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "evaluations" (
    "id" UUID NOT NULL,
    "checkpoint_id" UUID NOT NULL,
    "cohort_id" UUID NOT NULL,
    "site_id" UUID,
    "split" "split" NOT NULL,
    "report" JSONB NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "published_at" TIMESTAMPTZ(3),

    CONSTRAINT "evaluations_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "validation_rounds" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "cohort_id" UUID NOT NULL,
    "split" "split" NOT NULL,
    "state" "validation_state" NOT NULL DEFAULT 'draft',
    "primary_metric" TEXT NOT NULL,
    "operating_point" JSONB NOT NULL,
    "failure_message" TEXT,
    "created_by" UUID,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "started_at" TIMESTAMPTZ(3),
    "published_at" TIMESTAMPTZ(3),

    CONSTRAINT "validation_rounds_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "validation_round_checkpoints" (
    "validation_round_id" UUID NOT NULL,
    "checkpoint_id" UUID NOT NULL,

    CONSTRAINT "validation_round_checkpoints_pkey" PRIMARY KEY ("validation_round_id","checkpoint_id")
);

-- CreateTable
CREATE TABLE "reader_studies" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "validation_round_id" UUID,
    "cohort_id" UUID NOT NULL,
    "checkpoint_id" UUID NOT NULL,
    "seed" INTEGER NOT NULL,
    "state" "reader_study_state" NOT NULL DEFAULT 'draft',
    "created_by" UUID,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "reader_studies_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "reading_assignments" (
    "id" UUID NOT NULL,
    "reader_study_id" UUID NOT NULL,
    "reader_id" UUID NOT NULL,
    "case_id" UUID NOT NULL,
    "position" INTEGER NOT NULL,

    CONSTRAINT "reading_assignments_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "readings" (
    "id" UUID NOT NULL,
    "assignment_id" UUID NOT NULL,
    "condition" "condition" NOT NULL,
    "answers" JSONB NOT NULL,
    "version" INTEGER NOT NULL DEFAULT 1,
    "started_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "locked_at" TIMESTAMPTZ(3),
    "duration_ms" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "readings_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "map_ratings" (
    "id" UUID NOT NULL,
    "reading_id" UUID NOT NULL,
    "answers" JSONB NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "map_ratings_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "audit_events" (
    "sequence" BIGINT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "actor_id" UUID,
    "site_id" UUID,
    "action" TEXT NOT NULL,
    "entity_kind" TEXT NOT NULL,
    "entity_id" TEXT NOT NULL,
    "reason" TEXT,
    "details" JSONB NOT NULL,
    "previous_hash" TEXT NOT NULL,
    "hash" TEXT NOT NULL,

    CONSTRAINT "audit_events_pkey" PRIMARY KEY ("sequence")
);

-- CreateTable
CREATE TABLE "worker_nodes" (
    "id" TEXT NOT NULL,
    "engine" TEXT NOT NULL,
    "queues" TEXT[],
    "started_at" TIMESTAMPTZ(3) NOT NULL,
    "last_seen_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "worker_nodes_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "background_jobs" (
    "id" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "title" TEXT NOT NULL,
    "state" "run_state" NOT NULL,
    "progress" DOUBLE PRECISION NOT NULL DEFAULT 0,
    "message" TEXT NOT NULL DEFAULT '',
    "entity_kind" TEXT,
    "entity_id" TEXT,
    "site_id" UUID,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "finished_at" TIMESTAMPTZ(3),

    CONSTRAINT "background_jobs_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "platform_settings" (
    "key" TEXT NOT NULL,
    "value" JSONB NOT NULL,

    CONSTRAINT "platform_settings_pkey" PRIMARY KEY ("key")
);

-- CreateIndex
CREATE UNIQUE INDEX "sites_code_key" ON "sites"("code");

-- CreateIndex
CREATE UNIQUE INDEX "users_email_key" ON "users"("email");

-- CreateIndex
CREATE INDEX "memberships_user_id_idx" ON "memberships"("user_id");

-- CreateIndex
CREATE INDEX "memberships_site_id_idx" ON "memberships"("site_id");

-- CreateIndex
CREATE UNIQUE INDEX "api_tokens_token_hash_key" ON "api_tokens"("token_hash");

-- CreateIndex
CREATE UNIQUE INDEX "subjects_site_id_pseudonym_key" ON "subjects"("site_id", "pseudonym");

-- CreateIndex
CREATE UNIQUE INDEX "subjects_id_site_id_key" ON "subjects"("id", "site_id");

-- CreateIndex
CREATE UNIQUE INDEX "studies_study_instance_uid_key" ON "studies"("study_instance_uid");

-- CreateIndex
CREATE INDEX "studies_site_id_received_at_idx" ON "studies"("site_id", "received_at");

-- CreateIndex
CREATE UNIQUE INDEX "series_series_instance_uid_key" ON "series"("series_instance_uid");

-- CreateIndex
CREATE INDEX "series_study_id_idx" ON "series"("study_id");

-- CreateIndex
CREATE UNIQUE INDEX "instances_sop_instance_uid_key" ON "instances"("sop_instance_uid");

-- CreateIndex
CREATE INDEX "instances_site_id_received_at_idx" ON "instances"("site_id", "received_at");

-- CreateIndex
CREATE INDEX "instances_case_id_idx" ON "instances"("case_id");

-- CreateIndex
CREATE INDEX "instances_sha256_idx" ON "instances"("sha256");

-- CreateIndex
CREATE UNIQUE INDEX "refused_files_site_id_sha256_key" ON "refused_files"("site_id", "sha256");

-- CreateIndex
CREATE UNIQUE INDEX "cases_study_id_key" ON "cases"("study_id");

-- CreateIndex
CREATE INDEX "cases_site_id_idx" ON "cases"("site_id");

-- CreateIndex
CREATE UNIQUE INDEX "cases_id_subject_id_key" ON "cases"("id", "subject_id");

-- CreateIndex
CREATE INDEX "reference_standards_case_id_idx" ON "reference_standards"("case_id");

-- CreateIndex
CREATE INDEX "annotations_instance_id_idx" ON "annotations"("instance_id");

-- CreateIndex
CREATE INDEX "annotations_reading_id_idx" ON "annotations"("reading_id");

-- CreateIndex
CREATE UNIQUE INDEX "cohorts_name_key" ON "cohorts"("name");

-- CreateIndex
CREATE INDEX "cohort_subjects_cohort_id_site_id_split_idx" ON "cohort_subjects"("cohort_id", "site_id", "split");

-- CreateIndex
CREATE UNIQUE INDEX "cohort_subjects_cohort_id_subject_id_split_key" ON "cohort_subjects"("cohort_id", "subject_id", "split");

-- CreateIndex
CREATE INDEX "training_runs_created_at_idx" ON "training_runs"("created_at");

-- CreateIndex
CREATE UNIQUE INDEX "training_rounds_run_id_number_key" ON "training_rounds"("run_id", "number");

-- CreateIndex
CREATE UNIQUE INDEX "site_updates_round_id_site_id_key" ON "site_updates"("round_id", "site_id");

-- CreateIndex
CREATE INDEX "checkpoints_sha256_idx" ON "checkpoints"("sha256");

-- CreateIndex
CREATE UNIQUE INDEX "checkpoints_run_id_round_number_key" ON "checkpoints"("run_id", "round_number");

-- CreateIndex
CREATE UNIQUE INDEX "predictions_checkpoint_id_instance_id_key" ON "predictions"("checkpoint_id", "instance_id");

-- CreateIndex
CREATE UNIQUE INDEX "saliency_maps_checkpoint_id_instance_id_class_label_layer_key" ON "saliency_maps"("checkpoint_id", "instance_id", "class_label", "layer");

-- CreateIndex
CREATE INDEX "evaluations_cohort_id_split_idx" ON "evaluations"("cohort_id", "split");

-- CreateIndex
CREATE UNIQUE INDEX "reading_assignments_reader_study_id_reader_id_case_id_key" ON "reading_assignments"("reader_study_id", "reader_id", "case_id");

-- CreateIndex
CREATE UNIQUE INDEX "reading_assignments_reader_study_id_reader_id_position_key" ON "reading_assignments"("reader_study_id", "reader_id", "position");

-- CreateIndex
CREATE UNIQUE INDEX "readings_assignment_id_condition_key" ON "readings"("assignment_id", "condition");

-- CreateIndex
CREATE UNIQUE INDEX "map_ratings_reading_id_key" ON "map_ratings"("reading_id");

-- CreateIndex
CREATE UNIQUE INDEX "audit_events_hash_key" ON "audit_events"("hash");

-- CreateIndex
CREATE INDEX "audit_events_at_idx" ON "audit_events"("at");

-- CreateIndex
CREATE INDEX "audit_events_entity_kind_entity_id_idx" ON "audit_events"("entity_kind", "entity_id");

-- CreateIndex
CREATE INDEX "background_jobs_created_at_idx" ON "background_jobs"("created_at");

-- AddForeignKey
ALTER TABLE "memberships" ADD CONSTRAINT "memberships_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "memberships" ADD CONSTRAINT "memberships_site_id_fkey" FOREIGN KEY ("site_id") REFERENCES "sites"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "api_tokens" ADD CONSTRAINT "api_tokens_site_id_fkey" FOREIGN KEY ("site_id") REFERENCES "sites"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "api_tokens" ADD CONSTRAINT "api_tokens_created_by_fkey" FOREIGN KEY ("created_by") REFERENCES "users"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "subjects" ADD CONSTRAINT "subjects_site_id_fkey" FOREIGN KEY ("site_id") REFERENCES "sites"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "studies" ADD CONSTRAINT "studies_site_id_fkey" FOREIGN KEY ("site_id") REFERENCES "sites"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "studies" ADD CONSTRAINT "studies_subject_id_site_id_fkey" FOREIGN KEY ("subject_id", "site_id") REFERENCES "subjects"("id", "site_id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "series" ADD CONSTRAINT "series_study_id_fkey" FOREIGN KEY ("study_id") REFERENCES "studies"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "instances" ADD CONSTRAINT "instances_site_id_fkey" FOREIGN KEY ("site_id") REFERENCES "sites"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "instances" ADD CONSTRAINT "instances_series_id_fkey" FOREIGN KEY ("series_id") REFERENCES "series"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "instances" ADD CONSTRAINT "instances_case_id_fkey" FOREIGN KEY ("case_id") REFERENCES "cases"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "refused_files" ADD CONSTRAINT "refused_files_site_id_fkey" FOREIGN KEY ("site_id") REFERENCES "sites"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "cases" ADD CONSTRAINT "cases_site_id_fkey" FOREIGN KEY ("site_id") REFERENCES "sites"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "cases" ADD CONSTRAINT "cases_subject_id_site_id_fkey" FOREIGN KEY ("subject_id", "site_id") REFERENCES "subjects"("id", "site_id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "cases" ADD CONSTRAINT "cases_study_id_fkey" FOREIGN KEY ("study_id") REFERENCES "studies"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "reference_standards" ADD CONSTRAINT "reference_standards_case_id_fkey" FOREIGN KEY ("case_id") REFERENCES "cases"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "reference_standards" ADD CONSTRAINT "reference_standards_created_by_fkey" FOREIGN KEY ("created_by") REFERENCES "users"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "annotations" ADD CONSTRAINT "annotations_instance_id_fkey" FOREIGN KEY ("instance_id") REFERENCES "instances"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "annotations" ADD CONSTRAINT "annotations_reading_id_fkey" FOREIGN KEY ("reading_id") REFERENCES "readings"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "annotations" ADD CONSTRAINT "annotations_author_id_fkey" FOREIGN KEY ("author_id") REFERENCES "users"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "cohorts" ADD CONSTRAINT "cohorts_created_by_fkey" FOREIGN KEY ("created_by") REFERENCES "users"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "cohort_subjects" ADD CONSTRAINT "cohort_subjects_cohort_id_fkey" FOREIGN KEY ("cohort_id") REFERENCES "cohorts"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "cohort_subjects" ADD CONSTRAINT "cohort_subjects_subject_id_site_id_fkey" FOREIGN KEY ("subject_id", "site_id") REFERENCES "subjects"("id", "site_id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "cohort_subjects" ADD CONSTRAINT "cohort_subjects_site_id_fkey" FOREIGN KEY ("site_id") REFERENCES "sites"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "cohort_cases" ADD CONSTRAINT "cohort_cases_cohort_id_fkey" FOREIGN KEY ("cohort_id") REFERENCES "cohorts"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "cohort_cases" ADD CONSTRAINT "cohort_cases_case_id_subject_id_fkey" FOREIGN KEY ("case_id", "subject_id") REFERENCES "cases"("id", "subject_id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "cohort_cases" ADD CONSTRAINT "cohort_cases_cohort_id_subject_id_split_fkey" FOREIGN KEY ("cohort_id", "subject_id", "split") REFERENCES "cohort_subjects"("cohort_id", "subject_id", "split") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "training_runs" ADD CONSTRAINT "training_runs_cohort_id_fkey" FOREIGN KEY ("cohort_id") REFERENCES "cohorts"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "training_runs" ADD CONSTRAINT "training_runs_created_by_fkey" FOREIGN KEY ("created_by") REFERENCES "users"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "training_runs" ADD CONSTRAINT "training_runs_initial_checkpoint_id_fkey" FOREIGN KEY ("initial_checkpoint_id") REFERENCES "checkpoints"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "training_run_sites" ADD CONSTRAINT "training_run_sites_run_id_fkey" FOREIGN KEY ("run_id") REFERENCES "training_runs"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "training_run_sites" ADD CONSTRAINT "training_run_sites_site_id_fkey" FOREIGN KEY ("site_id") REFERENCES "sites"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "training_rounds" ADD CONSTRAINT "training_rounds_run_id_fkey" FOREIGN KEY ("run_id") REFERENCES "training_runs"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "training_rounds" ADD CONSTRAINT "training_rounds_base_checkpoint_id_fkey" FOREIGN KEY ("base_checkpoint_id") REFERENCES "checkpoints"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "training_rounds" ADD CONSTRAINT "training_rounds_result_checkpoint_id_fkey" FOREIGN KEY ("result_checkpoint_id") REFERENCES "checkpoints"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "site_updates" ADD CONSTRAINT "site_updates_round_id_fkey" FOREIGN KEY ("round_id") REFERENCES "training_rounds"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "site_updates" ADD CONSTRAINT "site_updates_site_id_fkey" FOREIGN KEY ("site_id") REFERENCES "sites"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "checkpoints" ADD CONSTRAINT "checkpoints_parent_id_fkey" FOREIGN KEY ("parent_id") REFERENCES "checkpoints"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "checkpoints" ADD CONSTRAINT "checkpoints_run_id_fkey" FOREIGN KEY ("run_id") REFERENCES "training_runs"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "predictions" ADD CONSTRAINT "predictions_checkpoint_id_fkey" FOREIGN KEY ("checkpoint_id") REFERENCES "checkpoints"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "predictions" ADD CONSTRAINT "predictions_instance_id_fkey" FOREIGN KEY ("instance_id") REFERENCES "instances"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "saliency_maps" ADD CONSTRAINT "saliency_maps_checkpoint_id_fkey" FOREIGN KEY ("checkpoint_id") REFERENCES "checkpoints"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "saliency_maps" ADD CONSTRAINT "saliency_maps_instance_id_fkey" FOREIGN KEY ("instance_id") REFERENCES "instances"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "evaluations" ADD CONSTRAINT "evaluations_checkpoint_id_fkey" FOREIGN KEY ("checkpoint_id") REFERENCES "checkpoints"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "evaluations" ADD CONSTRAINT "evaluations_cohort_id_fkey" FOREIGN KEY ("cohort_id") REFERENCES "cohorts"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "evaluations" ADD CONSTRAINT "evaluations_site_id_fkey" FOREIGN KEY ("site_id") REFERENCES "sites"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "validation_rounds" ADD CONSTRAINT "validation_rounds_cohort_id_fkey" FOREIGN KEY ("cohort_id") REFERENCES "cohorts"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "validation_rounds" ADD CONSTRAINT "validation_rounds_created_by_fkey" FOREIGN KEY ("created_by") REFERENCES "users"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "validation_round_checkpoints" ADD CONSTRAINT "validation_round_checkpoints_validation_round_id_fkey" FOREIGN KEY ("validation_round_id") REFERENCES "validation_rounds"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "validation_round_checkpoints" ADD CONSTRAINT "validation_round_checkpoints_checkpoint_id_fkey" FOREIGN KEY ("checkpoint_id") REFERENCES "checkpoints"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "reader_studies" ADD CONSTRAINT "reader_studies_validation_round_id_fkey" FOREIGN KEY ("validation_round_id") REFERENCES "validation_rounds"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "reader_studies" ADD CONSTRAINT "reader_studies_cohort_id_fkey" FOREIGN KEY ("cohort_id") REFERENCES "cohorts"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "reader_studies" ADD CONSTRAINT "reader_studies_checkpoint_id_fkey" FOREIGN KEY ("checkpoint_id") REFERENCES "checkpoints"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "reader_studies" ADD CONSTRAINT "reader_studies_created_by_fkey" FOREIGN KEY ("created_by") REFERENCES "users"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "reading_assignments" ADD CONSTRAINT "reading_assignments_reader_study_id_fkey" FOREIGN KEY ("reader_study_id") REFERENCES "reader_studies"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "reading_assignments" ADD CONSTRAINT "reading_assignments_reader_id_fkey" FOREIGN KEY ("reader_id") REFERENCES "users"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "reading_assignments" ADD CONSTRAINT "reading_assignments_case_id_fkey" FOREIGN KEY ("case_id") REFERENCES "cases"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "readings" ADD CONSTRAINT "readings_assignment_id_fkey" FOREIGN KEY ("assignment_id") REFERENCES "reading_assignments"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "map_ratings" ADD CONSTRAINT "map_ratings_reading_id_fkey" FOREIGN KEY ("reading_id") REFERENCES "readings"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "audit_events" ADD CONSTRAINT "audit_events_actor_id_fkey" FOREIGN KEY ("actor_id") REFERENCES "users"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "audit_events" ADD CONSTRAINT "audit_events_site_id_fkey" FOREIGN KEY ("site_id") REFERENCES "sites"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- Rules that Prisma's datamodel cannot state ------------------------------------------------------

-- A role without a site is a role on the whole platform.
ALTER TABLE "memberships" ADD CONSTRAINT "memberships_platform_role_check"
  CHECK ("site_id" IS NOT NULL OR "role" IN ('admin', 'auditor'));
CREATE UNIQUE INDEX "memberships_user_site_role_key"
  ON "memberships" ("user_id", "site_id", "role") NULLS NOT DISTINCT;

ALTER TABLE "instances" ADD CONSTRAINT "instances_geometry_check"
  CHECK ("rows" > 0 AND "columns" > 0 AND "bits_stored" BETWEEN 1 AND 16);
ALTER TABLE "predictions" ADD CONSTRAINT "predictions_score_check" CHECK ("score" BETWEEN 0 AND 1);
ALTER TABLE "training_rounds" ADD CONSTRAINT "training_rounds_number_check" CHECK ("number" >= 1);
ALTER TABLE "reading_assignments" ADD CONSTRAINT "reading_assignments_position_check" CHECK ("position" >= 0);
ALTER TABLE "background_jobs" ADD CONSTRAINT "background_jobs_progress_check" CHECK ("progress" BETWEEN 0 AND 1);
ALTER TABLE "cohorts" ADD CONSTRAINT "cohorts_frozen_check"
  CHECK (("digest" IS NULL) = ("frozen_at" IS NULL));
ALTER TABLE "site_updates" ADD CONSTRAINT "site_updates_accepted_check"
  CHECK ("state" <> 'accepted' OR ("blob_key" IS NOT NULL AND "sha256" IS NOT NULL AND "example_count" > 0));

-- One reference standard in force per breast.
CREATE UNIQUE INDEX "reference_standards_in_force_key"
  ON "reference_standards" ("case_id", "laterality") WHERE "superseded_at" IS NULL;

CREATE UNIQUE INDEX "evaluations_target_key"
  ON "evaluations" ("checkpoint_id", "cohort_id", "split", "site_id") NULLS NOT DISTINCT;

CREATE FUNCTION crossread_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% on % is refused: %', TG_OP, TG_TABLE_NAME, TG_ARGV[0];
END $$;

CREATE TRIGGER audit_events_append_only BEFORE UPDATE OR DELETE ON "audit_events"
  FOR EACH ROW EXECUTE FUNCTION crossread_refuse('the audit log is append-only');
CREATE TRIGGER audit_events_no_truncate BEFORE TRUNCATE ON "audit_events"
  FOR EACH STATEMENT EXECUTE FUNCTION crossread_refuse('the audit log is append-only');
CREATE TRIGGER checkpoints_immutable BEFORE UPDATE OR DELETE ON "checkpoints"
  FOR EACH ROW EXECUTE FUNCTION crossread_refuse('a checkpoint is immutable');

CREATE TRIGGER evaluations_published BEFORE UPDATE OR DELETE ON "evaluations"
  FOR EACH ROW WHEN (OLD."published_at" IS NOT NULL)
  EXECUTE FUNCTION crossread_refuse('a published evaluation is immutable');
CREATE TRIGGER validation_rounds_published BEFORE UPDATE OR DELETE ON "validation_rounds"
  FOR EACH ROW WHEN (OLD."published_at" IS NOT NULL)
  EXECUTE FUNCTION crossread_refuse('a published validation round is immutable');
CREATE TRIGGER readings_locked BEFORE UPDATE OR DELETE ON "readings"
  FOR EACH ROW WHEN (OLD."locked_at" IS NOT NULL)
  EXECUTE FUNCTION crossread_refuse('a locked reading is immutable');
CREATE TRIGGER cohorts_frozen BEFORE UPDATE OR DELETE ON "cohorts"
  FOR EACH ROW WHEN (OLD."frozen_at" IS NOT NULL)
  EXECUTE FUNCTION crossread_refuse('a frozen cohort is immutable');

CREATE FUNCTION crossread_cohort_membership() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE target uuid := COALESCE(NEW.cohort_id, OLD.cohort_id);
BEGIN
  IF EXISTS (SELECT 1 FROM "cohorts" WHERE "id" = target AND "frozen_at" IS NOT NULL) THEN
    RAISE EXCEPTION 'membership of cohort % is frozen', target;
  END IF;
  RETURN COALESCE(NEW, OLD);
END $$;
CREATE TRIGGER cohort_subjects_frozen BEFORE INSERT OR UPDATE OR DELETE ON "cohort_subjects"
  FOR EACH ROW EXECUTE FUNCTION crossread_cohort_membership();
CREATE TRIGGER cohort_cases_frozen BEFORE INSERT OR UPDATE OR DELETE ON "cohort_cases"
  FOR EACH ROW EXECUTE FUNCTION crossread_cohort_membership();

-- Sequential design: the aided reading opens only after the unaided one is locked.
CREATE FUNCTION crossread_sequential_reading() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW."condition" = 'aided' AND NOT EXISTS (
    SELECT 1 FROM "readings" r
    WHERE r."assignment_id" = NEW."assignment_id" AND r."condition" = 'unaided' AND r."locked_at" IS NOT NULL
  ) THEN
    RAISE EXCEPTION 'the unaided reading of assignment % is not locked', NEW."assignment_id"
     ;
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER readings_sequential BEFORE INSERT ON "readings"
  FOR EACH ROW EXECUTE FUNCTION crossread_sequential_reading();
