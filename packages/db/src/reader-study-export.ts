import type { Laterality, View } from "@crossread/contracts/dataset-manifest";
import { DomainError } from "@crossread/contracts/errors";
import {
  type Condition,
  type MapRating,
  mapRatingSchema,
  type ReadingAnswers,
  readingAnswersSchema,
} from "@crossread/contracts/reading";
import { type TransformChain, transformChainSchema } from "@crossread/contracts/saliency-map";
import { whereNotPendingFor } from "./blinding.ts";
import type { Database } from "./database.ts";
import { whereSite, type SiteScope } from "./site-scope.ts";

export interface ExportedReaderStudy {
  readonly readerStudyId: string;
  readonly name: string;
  readonly checkpointId: string;
  readonly checkpointName: string;
  /** Cases of the caller's sites, without those that the caller still has to read in another study. */
  readonly caseIds: readonly string[];
}

export interface ExportedReading {
  readonly readingId: string;
  readonly readerId: string;
  readonly condition: Condition;
  readonly lockedAt: Date;
  readonly durationMs: number;
  readonly answers: ReadingAnswers;
  readonly mapRating: MapRating | null;
}

export interface ExportedImage {
  readonly instanceId: string;
  readonly sopInstanceUid: string;
  readonly laterality: Laterality;
  readonly view: View;
  readonly blobKey: string;
}

export interface ExportedMap {
  readonly mapId: string;
  readonly instanceId: string;
  readonly classLabel: "benign" | "malignant";
  readonly layer: string;
  readonly blobKey: string;
  readonly createdAt: Date;
  readonly transform: TransformChain;
}

export interface ExportedCase {
  readonly caseId: string;
  readonly studyInstanceUid: string;
  readonly images: readonly ExportedImage[];
  readonly readings: readonly ExportedReading[];
  readonly maps: readonly ExportedMap[];
}

/**
 * What of a reader study may go out to the caller.
 *
 * @throws {DomainError} "not-found" where there is none with a case in scope; "conflict" while it is not closed
 */
export async function openReaderStudyExport(
  db: Database,
  readerStudyId: string,
  caller: { readonly userId: string; readonly scope: SiteScope },
): Promise<ExportedReaderStudy> {
  const inScope = { assignments: { some: { readerStudyId } }, siteId: whereSite(caller.scope) };
  const [study, cases, seen] = await Promise.all([
    db.readerStudy.findUnique({
      where: { id: readerStudyId },
      select: { name: true, state: true, checkpointId: true, checkpoint: { select: { name: true } } },
    }),
    db.case.findMany({
      where: { AND: [inScope, whereNotPendingFor(caller.userId)] },
      orderBy: { id: "asc" },
      select: { id: true },
    }),
    db.case.count({ where: inScope }),
  ]);
  if (study === null || seen === 0) {
    throw new DomainError(
      "not-found",
      `There is no reader study ${readerStudyId} with a case of your sites.`,
    );
  }
  if (study.state !== "closed") {
    throw new DomainError(
      "conflict",
      `Readings are exported once a reader study is closed, but "${study.name}" is ${study.state}.`,
    );
  }
  return {
    readerStudyId,
    name: study.name,
    checkpointId: study.checkpointId,
    checkpointName: study.checkpoint.name,
    caseIds: cases.map(({ id }) => id),
  };
}

/** Locked readings of one case with its images and the maps that were shown: a case at a time, so that a study of any size goes out. */
export async function loadExportedCase(
  db: Database,
  study: ExportedReaderStudy,
  caseId: string,
): Promise<ExportedCase> {
  const { instances, ...one } = await db.case.findUniqueOrThrow({
    where: { id: caseId },
    select: {
      study: { select: { studyInstanceUid: true } },
      instances: {
        orderBy: [{ laterality: "desc" }, { view: "asc" }, { id: "asc" }],
        select: {
          id: true,
          sopInstanceUid: true,
          laterality: true,
          view: true,
          blobKey: true,
          saliencyMaps: {
            where: { checkpointId: study.checkpointId },
            orderBy: [{ classLabel: "desc" }, { createdAt: "asc" }, { id: "asc" }],
            select: {
              id: true,
              classLabel: true,
              layer: true,
              blobKey: true,
              createdAt: true,
              transform: true,
            },
          },
        },
      },
      assignments: {
        where: { readerStudyId: study.readerStudyId },
        orderBy: { readerId: "asc" },
        select: {
          readerId: true,
          readings: {
            where: { lockedAt: { not: null } },
            orderBy: { condition: "asc" },
            select: {
              id: true,
              condition: true,
              lockedAt: true,
              durationMs: true,
              answers: true,
              mapRating: { select: { answers: true } },
            },
          },
        },
      },
    },
  });
  return {
    caseId,
    studyInstanceUid: one.study.studyInstanceUid,
    images: instances.map(({ id, saliencyMaps: _maps, ...image }) => ({ instanceId: id, ...image })),
    readings: one.assignments.flatMap(({ readerId, readings }) =>
      readings.flatMap(({ answers, id, lockedAt, mapRating, ...reading }) =>
        lockedAt === null
          ? []
          : [
              {
                ...reading,
                readingId: id,
                readerId,
                lockedAt,
                answers: readingAnswersSchema.parse(answers),
                mapRating: mapRating === null ? null : mapRatingSchema.parse(mapRating.answers),
              },
            ],
      ),
    ),
    maps: instances.flatMap((instance) =>
      instance.saliencyMaps.flatMap(({ classLabel, id, transform, ...map }) =>
        classLabel === "normal"
          ? []
          : [
              {
                ...map,
                mapId: id,
                instanceId: instance.id,
                classLabel,
                transform: transformChainSchema.parse(transform),
              },
            ],
      ),
    ),
  };
}
