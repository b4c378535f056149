import { evaluationReportSchema } from "@crossread/contracts/evaluation-report";
import {
  markGeometrySchema,
  markKindSchema,
  type MarkGeometry,
  type MarkKind,
} from "@crossread/contracts/mark";
import type { Laterality } from "@crossread/contracts/dataset-manifest";
import { readerMarkSchema } from "@crossread/contracts/reader-mark";
import {
  mapRatingSchema,
  type Birads,
  type BreastAnswers,
  type Condition,
  type MapRating,
} from "@crossread/contracts/reading";
import { selectAidedReading, whereIndependentOf } from "./consensus-provenance.ts";
import type { Database } from "./database.ts";

export interface DataBreast {
  readonly caseId: string;
  readonly laterality: Laterality;
  readonly isMalignant: boolean;
  /** Its reference standard is a consensus that readers of this study had a part in, here or in another study. */
  readonly isOwnConsensus: boolean;
  /** Its reference standard is a consensus of readers who saw a model's aid, in whatever study. */
  readonly isAidedConsensus: boolean;
}

export interface DataReading {
  readonly readingId: string;
  readonly readerId: string;
  readonly caseId: string;
  readonly condition: Condition;
  readonly durationMs: number;
  readonly breasts: Readonly<Record<Laterality, BreastAnswers>>;
  readonly mapRating: MapRating | null;
}

export interface DataMark {
  readonly geometry: MarkGeometry;
  readonly kind: MarkKind;
}

export interface DataImage {
  readonly instanceId: string;
  readonly caseId: string;
  readonly laterality: Laterality;
  readonly widthPx: number;
  readonly heightPx: number;
  /** Score of the class "malignant". */
  readonly score: number | null;
  /** Of the class "malignant", as the readers saw it. */
  readonly map: { readonly mapId: string; readonly blobKey: string } | null;
  /** Lesions of the reference standard that are malignant, or not stated in a malignant breast. */
  readonly referenceMarks: readonly DataMark[];
  /** By reading. */
  readonly readerMarks: ReadonlyMap<string, readonly DataMark[]>;
}

/** All that an analysis needs of a study, for the worker: no scope, nothing of it is shown to anybody as it is. */
export interface ReaderStudyData {
  readonly readerStudyId: string;
  readonly name: string;
  readonly cases: readonly { readonly caseId: string; readonly subjectId: string }[];
  readonly readers: readonly {
    readonly readerId: string;
    readonly caseIds: readonly string[];
    /** Cases of which both readings are locked. */
    readonly submittedCount: number;
  }[];
  readonly breasts: readonly DataBreast[];
  readonly readings: readonly DataReading[];
  readonly images: readonly DataImage[];
  /** Chosen on the tuning split before the test split was looked at; null where the checkpoint was not evaluated. */
  readonly threshold: number | null;
}

export async function loadReaderStudyData(
  db: Database,
  readerStudyId: string,
): Promise<ReaderStudyData | undefined> {
  const study = await db.readerStudy.findUnique({
    where: { id: readerStudyId, state: "closed" },
    select: { name: true, checkpointId: true, cohortId: true },
  });
  if (study === null) return undefined;
  const { checkpointId, cohortId } = study;
  const [cases, readers, readings, images, evaluation] = await Promise.all([
    loadCases(db, readerStudyId),
    loadReaders(db, readerStudyId),
    loadReadings(db, readerStudyId),
    loadImages(db, { readerStudyId, checkpointId }),
    db.evaluation.findFirst({
      where: { checkpointId, cohortId, siteId: null, split: { in: ["internal_test", "external_test"] } },
      orderBy: [{ createdAt: "desc" }, { id: "desc" }],
      select: { report: true },
    }),
  ]);
  const independent = await db.referenceStandard.findMany({
    where: {
      case: { assignments: { some: { readerStudyId } } },
      supersededAt: null,
      ...whereIndependentOf(readerStudyId),
    },
    select: { id: true },
  });
  const independentIds = new Set(independent.map(({ id }) => id));
  return {
    readerStudyId,
    name: study.name,
    cases: cases.map(({ id, subjectId }) => ({ caseId: id, subjectId })),
    breasts: cases.flatMap(({ id, referenceStandards }) =>
      referenceStandards.map((standard) => ({
        caseId: id,
        laterality: standard.laterality,
        isMalignant: standard.finding === "malignant",
        isOwnConsensus: !independentIds.has(standard.id),
        isAidedConsensus: standard.consensus.length > 0,
      })),
    ),
    readers,
    readings,
    images,
    threshold:
      evaluation === null ? null : evaluationReportSchema.parse(evaluation.report).operatingPoint.threshold,
  };
}

const loadCases = (db: Database, readerStudyId: string) =>
  db.case.findMany({
    where: { assignments: { some: { readerStudyId } } },
    orderBy: { id: "asc" },
    select: {
      id: true,
      subjectId: true,
      referenceStandards: {
        where: { supersededAt: null },
        orderBy: { laterality: "desc" },
        select: { id: true, laterality: true, finding: true, consensus: selectAidedReading },
      },
    },
  });

/**
 * A crossover has two assignments of a case to a reader, each of one condition. Who declined or left before locking
 * anything was no reader of the study.
 */
async function loadReaders(db: Database, readerStudyId: string): Promise<ReaderStudyData["readers"]> {
  const rows = await db.$queryRaw<{ reader_id: string; case_ids: string[]; submitted_count: number }[]>`
    WITH read AS (
      SELECT a.reader_id, a.case_id,
        count(DISTINCT r.condition) FILTER (WHERE r.locked_at IS NOT NULL) AS conditions
      FROM reading_assignments a LEFT JOIN readings r ON r.assignment_id = a.id
      WHERE a.reader_study_id = ${readerStudyId}::uuid
      GROUP BY a.reader_id, a.case_id)
    SELECT read.reader_id, array_agg(read.case_id::text ORDER BY read.case_id) AS case_ids,
      (count(*) FILTER (WHERE conditions = 2))::int AS submitted_count
    FROM read JOIN users u ON u.id = read.reader_id
    JOIN reader_study_readers p ON p.reader_study_id = ${readerStudyId}::uuid AND p.reader_id = read.reader_id
    GROUP BY read.reader_id, u.name, p.participation
    HAVING p.participation = 'accepted' OR sum(conditions) > 0
    ORDER BY u.name, read.reader_id`;
  return rows.map((row) => ({
    readerId: row.reader_id,
    caseIds: row.case_ids,
    submittedCount: row.submitted_count,
  }));
}

/** Read in SQL: a large study has tens of thousands of answers, of which few fields count here. */
async function loadReadings(db: Database, readerStudyId: string): Promise<DataReading[]> {
  const rows = await db.$queryRaw<
    {
      reading_id: string;
      reader_id: string;
      case_id: string;
      condition: Condition;
      duration_ms: number;
      r_suspicion: number | null;
      r_birads: Birads | null;
      l_suspicion: number | null;
      l_birads: Birads | null;
      map_rating: unknown;
    }[]
  >`
    SELECT r.id AS reading_id, a.reader_id, a.case_id, r.condition::text AS condition, r.duration_ms,
      (r.answers->'breasts'->'R'->>'suspicion')::float8 AS r_suspicion, r.answers->'breasts'->'R'->>'birads' AS r_birads,
      (r.answers->'breasts'->'L'->>'suspicion')::float8 AS l_suspicion, r.answers->'breasts'->'L'->>'birads' AS l_birads,
      m.answers AS map_rating
    FROM reading_assignments a
    JOIN readings r ON r.assignment_id = a.id AND r.locked_at IS NOT NULL
    LEFT JOIN map_ratings m ON m.reading_id = r.id
    WHERE a.reader_study_id = ${readerStudyId}::uuid
    ORDER BY a.reader_id, a.case_id, r.condition`;
  return rows.map((row) => ({
    readingId: row.reading_id,
    readerId: row.reader_id,
    caseId: row.case_id,
    condition: row.condition,
    durationMs: row.duration_ms,
    breasts: {
      R: { suspicion: row.r_suspicion, birads: row.r_birads },
      L: { suspicion: row.l_suspicion, birads: row.l_birads },
    },
    mapRating: mapRatingSchema.safeParse(row.map_rating).data ?? null,
  }));
}

async function loadImages(
  db: Database,
  study: { readonly readerStudyId: string; readonly checkpointId: string },
): Promise<DataImage[]> {
  const [instances, drawn] = await Promise.all([
    db.instance.findMany({
      where: { case: { assignments: { some: { readerStudyId: study.readerStudyId } } } },
      orderBy: { id: "asc" },
      select: {
        id: true,
        caseId: true,
        laterality: true,
        rows: true,
        columns: true,
        predictions: { where: { checkpointId: study.checkpointId }, select: { score: true } },
        saliencyMaps: {
          where: { checkpointId: study.checkpointId, classLabel: "malignant" },
          orderBy: [{ createdAt: "asc" }, { id: "asc" }],
          take: 1,
          select: { id: true, blobKey: true },
        },
        annotations: {
          where: { source: "reference", supersededAt: null },
          orderBy: { id: "asc" },
          select: { geometry: true, kind: true, finding: true },
        },
        case: {
          select: {
            referenceStandards: {
              where: { supersededAt: null },
              select: { laterality: true, finding: true },
            },
          },
        },
      },
    }),
    loadReaderMarks(db, study.readerStudyId),
  ]);
  return instances.map((instance) => {
    const breast = instance.case.referenceStandards.find(
      ({ laterality }) => laterality === instance.laterality,
    );
    const [map] = instance.saliencyMaps;
    return {
      instanceId: instance.id,
      caseId: instance.caseId,
      laterality: instance.laterality,
      widthPx: instance.columns,
      heightPx: instance.rows,
      score: instance.predictions[0]?.score ?? null,
      map: map === undefined ? null : { mapId: map.id, blobKey: map.blobKey },
      referenceMarks: instance.annotations
        .filter(({ finding }) => (finding ?? breast?.finding) === "malignant")
        .map(({ geometry, kind }) => ({
          geometry: markGeometrySchema.parse(geometry),
          kind: markKindSchema.catch("other").parse(kind),
        })),
      readerMarks: drawn.get(instance.id) ?? new Map<string, DataMark[]>(),
    };
  });
}

/** By image, then by reading. */
async function loadReaderMarks(
  db: Database,
  readerStudyId: string,
): Promise<Map<string, Map<string, DataMark[]>>> {
  const rows = await db.$queryRaw<{ reading_id: string; marks: unknown }[]>`
    SELECT r.id AS reading_id, r.answers->'marks' AS marks
    FROM reading_assignments a
    JOIN readings r ON r.assignment_id = a.id AND r.locked_at IS NOT NULL
    WHERE a.reader_study_id = ${readerStudyId}::uuid AND jsonb_array_length(r.answers->'marks') > 0
    ORDER BY r.id`;
  const byImage = new Map<string, Map<string, DataMark[]>>();
  for (const row of rows) {
    for (const mark of readerMarkSchema.array().parse(row.marks)) {
      const byReading = byImage.get(mark.instanceId) ?? new Map<string, DataMark[]>();
      byImage.set(mark.instanceId, byReading);
      const marks = byReading.get(row.reading_id) ?? [];
      byReading.set(row.reading_id, marks);
      marks.push({ geometry: mark.geometry, kind: mark.kind });
    }
  }
  return byImage;
}
