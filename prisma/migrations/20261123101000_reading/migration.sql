-- What is accepted, but is no plain view of a native breast: dicom/mammography-labels.
ALTER TABLE "instances" ADD COLUMN "labels" TEXT[] NOT NULL DEFAULT ARRAY[]::TEXT[];
