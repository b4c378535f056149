-- Finds, at no cost where there is none, the images that were stored before their SOP class was kept.
CREATE INDEX "instances_without_sop_class_idx" ON "instances" ("site_id", "id") WHERE "sop_class_uid" IS NULL;
