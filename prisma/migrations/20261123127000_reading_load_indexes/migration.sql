-- What every page asks about: the cases that a person still has to read, and who reads a case.
CREATE INDEX "reading_assignments_reader_id_idx" ON "reading_assignments"("reader_id");
CREATE INDEX "reading_assignments_case_id_idx" ON "reading_assignments"("case_id");
-- Earlier studies of a patient, whenever a case is opened.
CREATE INDEX "studies_subject_id_study_date_idx" ON "studies"("subject_id", "study_date");
-- Scores and maps of an image, whatever the checkpoint.
CREATE INDEX "predictions_instance_id_idx" ON "predictions"("instance_id");
CREATE INDEX "saliency_maps_instance_id_idx" ON "saliency_maps"("instance_id");
