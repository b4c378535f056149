import type { Finding, Laterality, View } from "@crossread/contracts/dataset-manifest";
import { DomainError } from "@crossread/contracts/errors";
import { markGeometrySchema, type MarkGeometry } from "@crossread/contracts/mark";
import { pendingAssignmentOf } from "./blinding.ts";
import type { Database } from "./database.ts";
import type { ImageViewer } from "./image-access.ts";
import { fromReferenceSourceRow, type ReferenceSource } from "./reference-standards.ts";
import { whereSite } from "./site-scope.ts";

export interface StudyImage {
  readonly instanceId: string;
  readonly laterality: Laterality;
  readonly view: View;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly pixelSpacingMm: number | null;
  readonly bitsStored: number;
  readonly photometricInterpretation: string;
  readonly manufacturer: string | null;
  readonly manufacturerModelName: string | null;
  readonly sizeBytes: number;
  readonly sha256: string;
  readonly referenceMarks: readonly {
    readonly markId: string;
    readonly geometry: MarkGeometry;
    readonly kind: string;
    readonly finding: Finding | null;
  }[];
}

export interface ReferenceRow {
  readonly laterality: Laterality;
  readonly finding: Finding;
  readonly source: ReferenceSource;
  readonly reason: string | null;
  readonly creatorName: string | null;
  readonly createdAt: Date;
  readonly isInForce: boolean;
}

export interface CheckpointPredictions {
  readonly checkpointId: string;
  readonly checkpointName: string;
  readonly images: readonly {
    readonly instanceId: string;
    readonly score: number;
    readonly mapId: string | null;
  }[];
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
  readonly density: string | null;
  readonly images: readonly StudyImage[];
  readonly references: readonly ReferenceRow[];
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
      cases: {
        select: {
          id: true,
          label: true,
          density: true,
          referenceStandards: {
            orderBy: { createdAt: "desc" },
            include: { creator: { select: { name: true } } },
          },
          assignments: { where: pendingAssignmentOf(viewer.userId), select: { id: true } },
          instances: {
            orderBy: [{ laterality: "desc" }, { view: "asc" }, { id: "asc" }],
            include: { annotations: { where: { source: "reference" }, orderBy: { id: "asc" } } },
          },
        },
      },
    },
  });
  const readCase = study?.cases[0];
  if (study === null || readCase === undefined) {
    throw new DomainError("not-found", `There is no study ${studyId}.`);
  }
  if (readCase.assignments.length > 0) {
    throw new DomainError(
      "forbidden",
      "This study is in your own reading list: it opens here after you have submitted your reading.",
    );
  }
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
      laterality: instance.laterality,
      view: instance.view,
      widthPx: instance.columns,
      heightPx: instance.rows,
      pixelSpacingMm: instance.imagerPixelSpacingMm,
      bitsStored: instance.bitsStored,
      photometricInterpretation: instance.photometricInterpretation,
      manufacturer: instance.manufacturer,
      manufacturerModelName: instance.manufacturerModelName,
      sizeBytes: instance.sizeBytes,
      sha256: instance.sha256,
      referenceMarks: instance.annotations.map((annotation) => ({
        markId: annotation.id,
        geometry: markGeometrySchema.parse(annotation.geometry),
        kind: annotation.kind,
        finding: annotation.finding,
      })),
    })),
    references: readCase.referenceStandards.map((standard) => ({
      laterality: standard.laterality,
      finding: standard.finding,
      source: fromReferenceSourceRow(standard.source),
      reason: standard.reason,
      creatorName: standard.creator?.name ?? null,
      createdAt: standard.createdAt,
      isInForce: standard.supersededAt === null,
    })),
    predictions: await loadPredictions(db, readCase.id),
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
        where: { instance: { caseId }, classLabel: "malignant" },
        orderBy: [{ createdAt: "asc" }, { id: "asc" }],
        select: { id: true, instanceId: true },
      },
    },
  });
  return checkpoints.map((checkpoint) => ({
    checkpointId: checkpoint.id,
    checkpointName: checkpoint.name,
    images: checkpoint.predictions.map(({ instanceId, score }) => ({
      instanceId,
      score,
      mapId: checkpoint.saliencyMaps.find((map) => map.instanceId === instanceId)?.id ?? null,
    })),
  }));
}
