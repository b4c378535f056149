import { caseLabelState, type CaseLabels, type LabelState } from "@crossread/contracts/breast-label";
import type { Laterality, View } from "@crossread/contracts/dataset-manifest";
import { DomainError } from "@crossread/contracts/errors";
import type { ReferenceMark } from "@crossread/contracts/reference-mark";
import { completenessSchema, type Completeness } from "@crossread/contracts/study-browser";
import { pendingArbitrationOf, pendingAssignmentOf } from "./blinding.ts";
import type { Database } from "./database.ts";
import { explainedImageSelect, toExplainedImage, type ExplainedImage } from "./explained-image.ts";
import type { ImageViewer } from "./image-access.ts";
import { listFrozenCohortsWith, type FrozenCohort } from "./frozen-cohorts.ts";
import { loadLabelHistory, type LabelHistoryRow } from "./label-history.ts";
import { loadLabelStates } from "./label-state.ts";
import { toReferenceMark } from "./reference-marks.ts";
import { whereSite } from "./site-scope.ts";

export interface StudyImage {
  readonly instanceId: string;
  readonly seriesInstanceUid: string;
  readonly sopInstanceUid: string;
  readonly laterality: Laterality;
  readonly view: View;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly pixelSpacingMm: number | null;
  readonly bitsStored: number;
  readonly photometricInterpretation: string;
  readonly manufacturer: string | null;
  readonly manufacturerModelName: string | null;
  readonly technicalLabels: readonly string[];
  readonly sizeBytes: number;
  readonly sha256: string;
  readonly referenceMarks: readonly ReferenceMark[];
}

export interface CheckpointPredictions {
  readonly checkpointId: string;
  readonly checkpointName: string;
  readonly images: readonly (ExplainedImage & {
    readonly instanceId: string;
    readonly score: number;
  })[];
}

export interface StudyDetail {
  readonly studyId: string;
  readonly caseId: string;
  readonly caseLabel: string;
  readonly pseudonym: string;
  readonly site: { readonly siteId: string; readonly name: string; readonly colourIndex: number };
  readonly studyInstanceUid: string;
  readonly studyDate: Date | null;
  readonly receivedAt: Date;
  readonly patientAgeYears: number | null;
  /** In the words of whoever said it. */
  readonly density: string | null;
  readonly images: readonly StudyImage[];
  readonly completeness: Completeness;
  readonly tags: readonly string[];
  readonly labelState: LabelState;
  /** In force now; a change names this version. */
  readonly labels: CaseLabels;
  readonly labelVersion: number;
  /** Newest first. */
  readonly labelHistory: readonly LabelHistoryRow[];
  readonly frozenCohorts: readonly FrozenCohort[];
  /** Newest checkpoint first. */
  readonly predictions: readonly CheckpointPredictions[];
}

const newestCheckpointCount = 20;

/** Everything about one study; refused to a person who still has to read its case blind. */
export async function loadStudy(db: Database, viewer: ImageViewer, studyId: string): Promise<StudyDetail> {
  const study = await db.study.findFirst({
    where: { id: studyId, siteId: whereSite(viewer.scope) },
    select: {
      id: true,
      studyInstanceUid: true,
      studyDate: true,
      receivedAt: true,
      patientAgeYears: true,
      site: { select: { id: true, name: true, colourIndex: true } },
      subject: { select: { pseudonym: true } },
      tags: { select: { tag: true }, orderBy: { tag: "asc" } },
      cases: {
        select: {
          id: true,
          label: true,
          density: true,
          summary: { select: { completeness: true } },
          assignments: { where: pendingAssignmentOf(viewer.userId), select: { id: true } },
          arbitrations: { where: pendingArbitrationOf(viewer.userId), select: { id: true } },
          instances: {
            orderBy: [{ laterality: "desc" }, { view: "asc" }, { receivedAt: "asc" }, { id: "asc" }],
            include: {
              series: { select: { seriesInstanceUid: true } },
              annotations: { where: { source: "reference", supersededAt: null }, orderBy: { id: "asc" } },
            },
          },
        },
      },
    },
  });
  const readCase = study?.cases[0];
  if (study === null || readCase === undefined) {
    throw new DomainError("not-found", `There is no study ${studyId}.`);
  }
  if (readCase.arbitrations.length > 0) {
    throw new DomainError(
      "forbidden",
      "This study waits for your arbitration: it opens here after you have decided it.",
    );
  }
  if (readCase.assignments.length > 0) {
    throw new DomainError(
      "forbidden",
      "This study is in your own reading list: it opens here after you have submitted your reading.",
    );
  }
  const [states, labelHistory, frozenCohorts, predictions] = await Promise.all([
    loadLabelStates(db, [readCase.id]),
    loadLabelHistory(db, readCase.id),
    listFrozenCohortsWith(db, [readCase.id]),
    loadPredictions(db, readCase.id),
  ]);
  const state = states.get(readCase.id);
  if (state === undefined) throw new DomainError("not-found", `There is no study ${studyId}.`);
  return {
    studyId: study.id,
    caseId: readCase.id,
    caseLabel: readCase.label,
    pseudonym: study.subject.pseudonym,
    site: { siteId: study.site.id, name: study.site.name, colourIndex: study.site.colourIndex },
    studyInstanceUid: study.studyInstanceUid,
    studyDate: study.studyDate,
    receivedAt: study.receivedAt,
    patientAgeYears: study.patientAgeYears,
    density: readCase.density,
    images: readCase.instances.map((instance) => ({
      instanceId: instance.id,
      seriesInstanceUid: instance.series.seriesInstanceUid,
      sopInstanceUid: instance.sopInstanceUid,
      laterality: instance.laterality,
      view: instance.view,
      widthPx: instance.columns,
      heightPx: instance.rows,
      pixelSpacingMm: instance.imagerPixelSpacingMm,
      bitsStored: instance.bitsStored,
      photometricInterpretation: instance.photometricInterpretation,
      manufacturer: instance.manufacturer,
      manufacturerModelName: instance.manufacturerModelName,
      technicalLabels: instance.labels,
      sizeBytes: instance.sizeBytes,
      sha256: instance.sha256,
      referenceMarks: instance.annotations.map(toReferenceMark),
    })),
    completeness: completenessSchema.parse(readCase.summary?.completeness),
    tags: study.tags.map(({ tag }) => tag),
    labelState: caseLabelState(
      { R: state.labels.breasts.R.finding, L: state.labels.breasts.L.finding },
      readCase.instances.map(({ laterality }) => laterality),
    ),
    labels: state.labels,
    labelVersion: state.version,
    labelHistory,
    frozenCohorts,
    predictions,
  };
}

async function loadPredictions(db: Database, caseId: string): Promise<CheckpointPredictions[]> {
  const checkpoints = await db.checkpoint.findMany({
    where: { predictions: { some: { instance: { caseId } } } },
    orderBy: [{ createdAt: "desc" }, { id: "desc" }],
    take: newestCheckpointCount,
    select: {
      id: true,
      name: true,
      predictions: { where: { instance: { caseId } }, select: { instanceId: true, score: true } },
      saliencyMaps: {
        where: { instance: { caseId } },
        orderBy: [{ createdAt: "asc" }, { id: "asc" }],
        select: explainedImageSelect,
      },
    },
  });
  return checkpoints.map((checkpoint) => ({
    checkpointId: checkpoint.id,
    checkpointName: checkpoint.name,
    images: checkpoint.predictions.map(({ instanceId, score }) => ({
      instanceId,
      score,
      ...toExplainedImage(checkpoint.saliencyMaps.filter((map) => map.instanceId === instanceId)),
    })),
  }));
}
