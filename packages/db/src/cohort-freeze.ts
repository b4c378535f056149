import { DomainError } from "@crossread/contracts/errors";
import { appendAudit } from "./audit.ts";
import { cohortDigest } from "./cohort-digest.ts";
import { assertCohortClean } from "./cohort-leaks.ts";
import type { Database } from "./database.ts";
import { fromSplitRow } from "./split-row.ts";

/** Fixes the membership for good and names it by its digest. */
export async function freezeCohort(
  db: Database,
  freeze: { actorId: string; cohortId: string; at: Date },
): Promise<{ digest: string }> {
  return db.$transaction(
    async (tx) => {
      const cases = await tx.cohortCase.findMany({
        where: { cohortId: freeze.cohortId },
        select: {
          split: true,
          case: {
            select: {
              site: { select: { code: true } },
              subject: { select: { pseudonym: true } },
              study: { select: { studyInstanceUid: true } },
            },
          },
        },
      });
      if (cases.length === 0) {
        throw new DomainError("cohort-invalid", "A cohort without cases cannot be frozen.");
      }
      const digest = cohortDigest(
        cases.map((row) => ({
          siteCode: row.case.site.code,
          pseudonym: row.case.subject.pseudonym,
          studyInstanceUid: row.case.study.studyInstanceUid,
          split: fromSplitRow(row.split),
        })),
      );
      const { name } = await tx.cohort.findUniqueOrThrow({
        where: { id: freeze.cohortId },
        select: { name: true },
      });
      await assertCohortClean(tx, { cohortId: freeze.cohortId, name, needsAllCompared: false });
      const frozen = await tx.cohort.updateMany({
        where: { id: freeze.cohortId, frozenAt: null },
        data: { digest, frozenAt: freeze.at },
      });
      if (frozen.count === 0) throw new DomainError("conflict", "This cohort is frozen already.");
      await appendAudit(tx, {
        actorId: freeze.actorId,
        siteId: null,
        action: "cohort.freeze",
        entityKind: "cohort",
        entityId: freeze.cohortId,
        details: { digest, caseCount: cases.length },
      });
      return { digest };
    },
    { timeout: 30_000 },
  );
}
