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

/** An image of a site in the caller's scope or of a case that they read or arbitrate; any other is as if it did not exist. */
export async function loadImageBlobs(
  db: Database,
  viewer: ImageViewer,
  instanceId: string,
): Promise<ImageBlobs> {
  const instance = await db.instance.findFirst({
    where: {
      id: instanceId,
      OR: [
        { siteId: whereSite(viewer.scope) },
        {
          case: {
            assignments: {
              some: {
                readerId: viewer.userId,
                readerStudy: { state: { not: "draft" } },
                participant: { participation: "accepted" },
              },
            },
          },
        },
        { case: { arbitrations: { some: { arbitratorId: viewer.userId } } } },
      ],
    },
    select: { blobKey: true, thumbnailKey: true, sha256: true },
  });
  if (instance === null) throw new DomainError("not-found", `There is no image ${instanceId}.`);
  return instance;
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
