import type { Laterality, View } from "@crossread/contracts/dataset-manifest";
import type { Database } from "./database.ts";

/** What a reader may know of an image before the lock: how to hang it and how large it is. */
export interface ReadingImage {
  readonly instanceId: string;
  readonly laterality: Laterality;
  readonly view: View;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly pixelSpacingMm: number | null;
}

/** An earlier study of the same patient: images and interval, nothing that was found in it. */
export interface ReadingPrior {
  readonly daysBefore: number;
  readonly images: readonly ReadingImage[];
}

const imagesSelect = {
  orderBy: [{ laterality: "desc" as const }, { view: "asc" as const }, { id: "asc" as const }],
  select: {
    id: true,
    laterality: true,
    view: true,
    rows: true,
    columns: true,
    imagerPixelSpacingMm: true,
  },
};

export async function loadImages(db: Database, caseId: string): Promise<ReadingImage[]> {
  const instances = await db.instance.findMany({ where: { caseId }, ...imagesSelect });
  return instances.map(toReadingImage);
}

const longestPriorCount = 4;
const dayMs = 86_400_000;

/** Studies of the same patient, at the same site, with an earlier date; without dates nothing is earlier. */
export async function loadPriors(db: Database, caseId: string): Promise<ReadingPrior[]> {
  const { study, subjectId } = await db.case.findUniqueOrThrow({
    where: { id: caseId },
    select: { subjectId: true, study: { select: { studyDate: true } } },
  });
  const { studyDate } = study;
  if (studyDate === null) return [];
  const earlier = await db.study.findMany({
    where: { subjectId, studyDate: { lt: studyDate } },
    orderBy: [{ studyDate: "desc" }, { id: "asc" }],
    take: longestPriorCount,
    select: { studyDate: true, cases: { select: { instances: imagesSelect } } },
  });
  return earlier.flatMap((prior) =>
    prior.studyDate === null
      ? []
      : [
          {
            daysBefore: Math.round((studyDate.getTime() - prior.studyDate.getTime()) / dayMs),
            images: prior.cases.flatMap(({ instances }) => instances.map(toReadingImage)),
          },
        ],
  );
}

function toReadingImage(instance: {
  id: string;
  laterality: Laterality;
  view: View;
  rows: number;
  columns: number;
  imagerPixelSpacingMm: number | null;
}): ReadingImage {
  return {
    instanceId: instance.id,
    laterality: instance.laterality,
    view: instance.view,
    widthPx: instance.columns,
    heightPx: instance.rows,
    pixelSpacingMm: instance.imagerPixelSpacingMm,
  };
}
