import { DomainError } from "@crossread/contracts/errors";
import { isMapShown, loadAidAssignments } from "./aid-reveal.ts";
import { pendingArbitrationOf, whereNotPendingFor } from "./blinding.ts";
import type { Database } from "./database.ts";
import { whereSite, type SiteScope } from "./site-scope.ts";

export interface ImageViewer {
  readonly userId: string;
  /** Sites whose images the caller may see outside a reader study. */
  readonly scope: SiteScope;
}

export interface ImageBlobs {
  readonly blobKey: string;
  readonly thumbnailKey: string | null;
  readonly sha256: string;
}

const blobs = { blobKey: true, thumbnailKey: true, sha256: true } as const;

/** Cases that somebody reads or arbitrates. */
const readBy = (userId: string) => ({
  OR: [
    {
      assignments: {
        some: {
          readerId: userId,
          readerStudy: { state: { not: "draft" as const } },
          participant: { participation: "accepted" as const },
        },
      },
    },
    { arbitrations: { some: { arbitratorId: userId, supersededAt: null } } },
  ],
});

/**
 * An image of a site in the caller's scope, of a case that they read or arbitrate, or of an earlier study of such a
 * patient; any other is as if it did not exist.
 */
export async function loadImageBlobs(
  db: Database,
  viewer: ImageViewer,
  instanceId: string,
): Promise<ImageBlobs> {
  const instance =
    (await db.instance.findFirst({
      where: {
        id: instanceId,
        OR: [{ siteId: whereSite(viewer.scope) }, { case: readBy(viewer.userId) }],
      },
      select: blobs,
    })) ?? (await findPriorImage(db, viewer, instanceId));
  if (instance === null) throw new DomainError("not-found", `There is no image ${instanceId}.`);
  return instance;
}

/** It hangs beside the present image, by the rule of `loadPriors`. */
async function findPriorImage(
  db: Database,
  viewer: ImageViewer,
  instanceId: string,
): Promise<ImageBlobs | null> {
  const image = await db.instance.findUnique({
    where: { id: instanceId },
    select: { ...blobs, case: { select: { study: { select: { subjectId: true, studyDate: true } } } } },
  });
  if (image === null || image.case.study.studyDate === null) return null;
  const { subjectId, studyDate } = image.case.study;
  const laterCount = await db.case.count({
    where: { ...readBy(viewer.userId), subjectId, study: { studyDate: { gt: studyDate } } },
  });
  const { blobKey, thumbnailKey, sha256 } = image;
  return laterCount > 0 ? { blobKey, thumbnailKey, sha256 } : null;
}

/** A map of an image: for its site's people unless they still have to read the case, for a reader after the lock. */
export async function loadMapBlob(
  db: Database,
  viewer: ImageViewer,
  mapId: string,
): Promise<{ blobKey: string }> {
  const map = await db.saliencyMap.findUnique({
    where: { id: mapId },
    select: { blobKey: true, checkpointId: true, instance: { select: { caseId: true } } },
  });
  const notFound = new DomainError("not-found", `There is no map ${mapId}.`);
  if (map === null) throw notFound;
  const unblinded = await db.instance.count({
    where: {
      saliencyMaps: { some: { id: mapId } },
      siteId: whereSite(viewer.scope),
      case: whereNotPendingFor(viewer.userId),
    },
  });
  if (unblinded > 0) return { blobKey: map.blobKey };
  const { caseId } = map.instance;
  const assignments = await loadAidAssignments(db, { readerId: viewer.userId, caseId });
  const undecided = await db.arbitration.count({
    where: { ...pendingArbitrationOf(viewer.userId), caseId },
  });
  if (!isMapShown(map.checkpointId, assignments) || undecided > 0) throw notFound;
  return { blobKey: map.blobKey };
}
