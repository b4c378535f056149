import { DomainError } from "@crossread/contracts/errors";
import { appendAudit } from "./audit.ts";
import { whereNotPendingFor } from "./blinding.ts";
import type { Database } from "./database.ts";
import type { ImageViewer } from "./image-access.ts";
import { whereSite } from "./site-scope.ts";

export interface TagChange {
  readonly viewer: ImageViewer;
  readonly studyIds: readonly string[];
  readonly add: readonly string[];
  readonly remove: readonly string[];
  readonly now: Date;
}

/** Adds and removes tags of many studies at once: all of them, or none where one is out of the caller's reach. */
export async function changeStudyTags(db: Database, change: TagChange): Promise<void> {
  const studyIds = [...new Set(change.studyIds)];
  await db.$transaction(async (tx) => {
    const cases = await tx.case.findMany({
      where: {
        studyId: { in: studyIds },
        siteId: whereSite(change.viewer.scope),
        ...whereNotPendingFor(change.viewer.userId),
      },
      select: { siteId: true, studyId: true },
    });
    if (cases.length !== studyIds.length) {
      throw new DomainError(
        "not-found",
        `Tags are changed on studies that you may see, but ${studyIds.length - cases.length} of ${studyIds.length} are not.`,
      );
    }
    await tx.studyTag.deleteMany({ where: { studyId: { in: studyIds }, tag: { in: [...change.remove] } } });
    await tx.studyTag.createMany({
      data: studyIds.flatMap((studyId) =>
        change.add.map((tag) => ({
          studyId,
          tag,
          createdBy: change.viewer.userId,
          createdAt: change.now,
        })),
      ),
      skipDuplicates: true,
    });
    for (const siteId of new Set(cases.map((row) => row.siteId))) {
      const own = cases.filter((row) => row.siteId === siteId).map(({ studyId }) => studyId);
      await appendAudit(tx, {
        actorId: change.viewer.userId,
        siteId,
        action: "study.tags",
        entityKind: own.length === 1 ? "study" : "studies",
        entityId: own.length === 1 ? (own[0] ?? "") : `${own.length} studies`,
        details: { add: change.add, remove: change.remove, studyIds: own },
      });
    }
  });
}
