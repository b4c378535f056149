import type { Database } from "./database.ts";
import { viewerCondition, type DicomWebViewer } from "./dicomweb-search.ts";
import { Prisma } from "./generated/client.ts";

export interface DicomWebTarget {
  readonly studyInstanceUid: string;
  readonly seriesInstanceUid?: string | undefined;
  readonly sopInstanceUid?: string | undefined;
}

export interface StoredDicomWebInstance {
  readonly siteId: string;
  readonly studyInstanceUid: string;
  readonly seriesInstanceUid: string;
  readonly sopInstanceUid: string;
  readonly blobKey: string;
  readonly thumbnailKey: string | null;
  readonly sizeBytes: number;
}

/** Images of a study, a series or one instance; empty where the viewer may not see it, as if it did not exist. */
export async function listDicomWebInstances(
  db: Database,
  viewer: DicomWebViewer,
  target: DicomWebTarget,
): Promise<StoredDicomWebInstance[]> {
  const conditions = [
    viewerCondition(viewer),
    Prisma.sql`st.study_instance_uid = ${target.studyInstanceUid}`,
  ];
  if (target.seriesInstanceUid !== undefined) {
    conditions.push(Prisma.sql`se.series_instance_uid = ${target.seriesInstanceUid}`);
  }
  if (target.sopInstanceUid !== undefined) {
    conditions.push(Prisma.sql`i.sop_instance_uid = ${target.sopInstanceUid}`);
  }
  return db.$queryRaw<StoredDicomWebInstance[]>`
    SELECT i.site_id AS "siteId", st.study_instance_uid AS "studyInstanceUid",
      se.series_instance_uid AS "seriesInstanceUid", i.sop_instance_uid AS "sopInstanceUid",
      i.blob_key AS "blobKey", i.thumbnail_key AS "thumbnailKey", i.size_bytes AS "sizeBytes"
    FROM instances i JOIN series se ON se.id = i.series_id JOIN studies st ON st.id = se.study_id
    WHERE ${Prisma.join(conditions, " AND ")}
    ORDER BY se.series_instance_uid, i.sop_instance_uid`;
}
