import { DomainError } from "@crossread/contracts/errors";
import type { Database } from "./database.ts";
import { explainedImageSelect, toExplainedImage, type ExplainedImage } from "./explained-image.ts";
import { isAidShown, loadAidAssignments } from "./aid-reveal.ts";
import { loadAssignment, type AssignmentKey } from "./own-assignment.ts";

export interface ReadingAidImage extends ExplainedImage {
  readonly instanceId: string;
  /** Score of the class "malignant", in [0, 1]. */
  readonly score: number | null;
}

/**
 * The model's scores and maps of a case; refused before the reader's own unaided reading is locked, in an assignment
 * that is read unaided only, and after an aided one while the case waits to be read unaided.
 */
export async function loadReadingAid(
  db: Database,
  key: AssignmentKey,
): Promise<{ images: ReadingAidImage[] }> {
  const assignment = await loadAssignment(db, key);
  if (assignment.condition === "unaided") {
    throw new DomainError("forbidden", "This case is read unaided only: no aid is shown.");
  }
  const all = await loadAidAssignments(db, { readerId: key.readerId, caseId: assignment.caseId });
  const own = all.find(({ assignmentId }) => assignmentId === assignment.id);
  if (own === undefined || !own.isRevealed) {
    throw new DomainError(
      "forbidden",
      assignment.condition === null
        ? "The aid is shown after the unaided reading is locked."
        : "The aid is shown once the case is opened.",
    );
  }
  if (!isAidShown(own, all)) {
    throw new DomainError("forbidden", "You still have to read this case unaided: its aid is not shown.");
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
