import { DomainError } from "@crossread/contracts/errors";
import type { Split } from "@crossread/contracts/split";
import { appendAudit } from "./audit.ts";
import type { Database } from "./database.ts";
import { toSplitRow } from "./split-row.ts";

export interface NewFrozenCohort {
  readonly name: string;
  readonly purpose: string;
  readonly seed: number;
  /** Over the sorted membership. */
  readonly digest: string;
  readonly members: readonly { readonly subjectId: string; readonly siteId: string; readonly split: Split }[];
  readonly at: Date;
}

/** A cohort with all cases of its subjects, frozen from the start; a cohort of that name and digest is taken as it is. */
export async function createFrozenCohort(
  db: Database,
  cohort: NewFrozenCohort,
): Promise<{ cohortId: string }> {
  return db.$transaction(
    async (tx) => {
      const known = await tx.cohort.findUnique({
        where: { name: cohort.name },
        select: { id: true, digest: true },
      });
      if (known !== null) {
        if (known.digest === cohort.digest) return { cohortId: known.id };
        throw new DomainError(
          "conflict",
          `A cohort "${cohort.name}" with another membership exists already.`,
        );
      }
      const created = await tx.cohort.create({
        data: { name: cohort.name, purpose: cohort.purpose, seed: cohort.seed },
        select: { id: true },
      });
      const cohortId = created.id;
      const splitOf = new Map(cohort.members.map(({ subjectId, split }) => [subjectId, toSplitRow(split)]));
      await tx.cohortSubject.createMany({
        data: cohort.members.map(({ subjectId, siteId, split }) => ({
          cohortId,
          subjectId,
          siteId,
          split: toSplitRow(split),
        })),
      });
      const cases = await tx.case.findMany({
        where: { subjectId: { in: [...splitOf.keys()] } },
        select: { id: true, subjectId: true },
      });
      await tx.cohortCase.createMany({
        data: cases.flatMap(({ id, subjectId }) => {
          const split = splitOf.get(subjectId);
          return split === undefined ? [] : [{ cohortId, caseId: id, subjectId, split }];
        }),
      });
      await tx.cohort.update({
        where: { id: cohortId },
        data: { digest: cohort.digest, frozenAt: cohort.at },
      });
      await appendAudit(tx, {
        actorId: null,
        siteId: null,
        action: "cohort.freeze",
        entityKind: "cohort",
        entityId: cohortId,
        details: { digest: cohort.digest, subjectCount: cohort.members.length },
      });
      return { cohortId };
    },
    { timeout: 30_000 },
  );
}
