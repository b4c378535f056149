-- Category 4 of reports that do not subdivide it is a label as it stands; a reading on the platform names the letter.
ALTER TABLE "assessments" DROP CONSTRAINT "assessments_value_check";
ALTER TABLE "assessments" ADD CONSTRAINT "assessments_value_check" CHECK (
  ("kind" = 'birads' AND "laterality" IS NOT NULL AND "value" IN ('0', '1', '2', '3', '4', '4A', '4B', '4C', '5', '6'))
  OR ("kind" = 'density' AND "laterality" IS NULL AND ("value" IN ('A', 'B', 'C', 'D')
    -- A data set's own words are kept as history only.
    OR ("source" = 'data-set' AND "superseded_at" IS NOT NULL))));
