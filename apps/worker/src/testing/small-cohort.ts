import { randomUUID } from "node:crypto";
import { sha256 } from "@crossread/model/digest";
import type { TestPlatform } from "./test-platform.ts";

/** One subject a finding and site, with one image, all in the training split of a frozen cohort. */
export async function smallCohort(
  platform: TestPlatform,
  findings: readonly ("benign" | "malignant")[],
): Promise<string> {
  const { db } = platform.database;
  const cohort = await db.cohort.create({ data: { name: randomUUID(), seed: 1 } });
  for (const siteId of platform.siteIds.values()) {
    for (const finding of findings) {
      const uid = `2.25.${BigInt(`0x${randomUUID().replaceAll("-", "")}`)}`;
      const subject = await db.subject.create({ data: { siteId, pseudonym: randomUUID() } });
      const study = await db.study.create({
        data: { siteId, subjectId: subject.id, studyInstanceUid: `${uid}.1`.slice(0, 64) },
      });
      const series = await db.series.create({ data: { studyId: study.id, seriesInstanceUid: `${uid}.2` } });
      const read = await db.case.create({
        data: { siteId, subjectId: subject.id, studyId: study.id, label: "C" },
      });
      await db.instance.create({
        data: {
          siteId,
          seriesId: series.id,
          caseId: read.id,
          sopInstanceUid: `${uid}.3`,
          laterality: "R",
          view: "CC",
          rows: 8,
          columns: 8,
          bitsStored: 12,
          photometricInterpretation: "MONOCHROME2",
          blobKey: "instances/none.dcm",
          sha256: sha256(uid),
          sizeBytes: 1,
        },
      });
      await db.referenceStandard.create({
        data: { caseId: read.id, laterality: "R", finding, source: "data_set" },
      });
      await db.cohortSubject.create({
        data: { cohortId: cohort.id, subjectId: subject.id, siteId, split: "train" },
      });
      await db.cohortCase.create({
        data: { cohortId: cohort.id, subjectId: subject.id, caseId: read.id, split: "train" },
      });
    }
  }
  await db.cohort.update({
    where: { id: cohort.id },
    data: { digest: "d".repeat(64), frozenAt: new Date() },
  });
  return cohort.id;
}
