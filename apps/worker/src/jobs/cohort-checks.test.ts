import type { CohortImage } from "@crossread/db/cohort-images";
import { expect, test } from "vitest";
import { assertBothClasses } from "./cohort-checks.ts";

const sites = [
  { siteId: "a", code: "north" },
  { siteId: "b", code: "east" },
];

const image = (siteId: string, finding: CohortImage["finding"], split: CohortImage["split"] = "train") => ({
  instanceId: `${siteId} ${finding} ${split}`,
  sopInstanceUid: "2.25.1",
  caseId: "c",
  subjectId: "s",
  siteId,
  split,
  laterality: "L" as const,
  view: "CC" as const,
  blobKey: "instances/x.dcm",
  sha256: "x",
  finding,
  isAidedConsensus: false,
});

test("every site has to have both classes to train with, the normal breast counted as benign", () => {
  const complete = [image("a", "malignant"), image("a", "benign"), image("b", "malignant")];
  expect(() => assertBothClasses(sites, [...complete, image("b", "normal")])).not.toThrow();
  expect(() => assertBothClasses(sites, complete)).toThrow(/east has 0 benign and 1 malignant/);
});

test("what is tuned or tested with does not train", () => {
  const images = [image("a", "malignant"), image("a", "benign"), image("b", "malignant")];
  for (const split of ["tuning", "internal-test", "external-test"] as const) {
    expect(() => assertBothClasses(sites, [...images, image("b", "normal", split)]), split).toThrow(
      expect.objectContaining({ code: "one-class-cohort" }),
    );
  }
});
