import { DomainError } from "@crossread/contracts/errors";
import type { Database } from "./database.ts";
import { loadAssignment, type AssignmentKey } from "./readings.ts";

export interface ReadingAidImage {
  readonly instanceId: string;
  /** Score of the class "malignant", in [0, 1]. */
  readonly score: number | null;
  readonly map: { readonly mapId: string; readonly layer: string } | null;
}

/** The model's scores and maps of a case; refused before the reader's own unaided reading is locked. */
export async function loadReadingAid(
  db: Database,
  key: AssignmentKey,
): Promise<{ images: ReadingAidImage[] }> {
  const assignment = await loadAssignment(db, key);
  const locked = await db.reading.count({
    where: { assignmentId: assignment.id, condition: "unaided", lockedAt: { not: null } },
  });
  if (locked === 0) {
    throw new DomainError("forbidden", "The aid is shown after the unaided reading is locked.");
  }
  const instances = await db.instance.findMany({
    where: { caseId: assignment.caseId },
    orderBy: { id: "asc" },
    select: {
      id: true,
      predictions: { where: { checkpointId: assignment.checkpointId }, select: { score: true } },
      saliencyMaps: {
        where: { checkpointId: assignment.checkpointId, classLabel: "malignant" },
        orderBy: [{ createdAt: "asc" }, { id: "asc" }],
        take: 1,
        select: { id: true, layer: true },
      },
    },
  });
  return {
    images: instances.map((instance) => {
      const map = instance.saliencyMaps[0];
      return {
        instanceId: instance.id,
        score: instance.predictions[0]?.score ?? null,
        map: map === undefined ? null : { mapId: map.id, layer: map.layer },
      };
    }),
  };
}
