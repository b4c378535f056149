import { DomainError } from "@crossread/contracts/errors";
import type { Database } from "./database.ts";
import { explainedImageSelect, toExplainedImage, type ExplainedImage } from "./explained-image.ts";
import { loadAssignment, type AssignmentKey } from "./readings.ts";

export interface ReadingAidImage extends ExplainedImage {
  readonly instanceId: string;
  /** Score of the class "malignant", in [0, 1]. */
  readonly score: number | null;
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
        where: { checkpointId: assignment.checkpointId },
        orderBy: [{ createdAt: "asc" }, { id: "asc" }],
        select: explainedImageSelect,
      },
    },
  });
  return {
    images: instances.map(({ id, predictions, saliencyMaps }) => ({
      instanceId: id,
      score: predictions[0]?.score ?? null,
      ...toExplainedImage(saliencyMaps),
    })),
  };
}
