import type { Finding, Laterality, LesionMark, View } from "@crossread/contracts/dataset-manifest";
import { markGeometrySchema, type MarkKind } from "@crossread/contracts/mark";
import type { Database, Transaction } from "./database.ts";
import { toJsonColumn } from "./json-column.ts";

/** One accepted file: everything that rows need, and nothing that identifies a person. */
export interface IngestRecord {
  readonly pseudonym: string;
  readonly studyInstanceUid: string;
  /** YYYY-MM-DD */
  readonly studyDate?: string | undefined;
  readonly patientAgeYears?: number | undefined;
  readonly seriesInstanceUid: string;
  readonly sopInstanceUid: string;
  readonly laterality: Laterality;
  readonly view: View;
  readonly rows: number;
  readonly columns: number;
  readonly bitsStored: number;
  readonly photometricInterpretation: string;
  readonly imagerPixelSpacingMm?: number | undefined;
  readonly manufacturer?: string | undefined;
  readonly manufacturerModelName?: string | undefined;
  readonly blobKey: string;
  readonly sha256: string;
  readonly sizeBytes: number;
  readonly thumbnailKey: string;
  readonly perceptualHash?: string | undefined;
}

export type IngestOutcome =
  | { readonly ok: true; readonly instanceId: string; readonly caseId: string; readonly isNew: boolean }
  | { readonly ok: false; readonly message: string; readonly remedy: string };

/** Subject, study, series, case and instance of one file in one transaction; the same file again changes nothing. */
export async function storeInstance(
  db: Database,
  siteId: string,
  record: IngestRecord,
): Promise<IngestOutcome> {
  return db.$transaction(async (tx) => {
    const study = await storeStudy(tx, siteId, record);
    if (study === undefined) {
      return {
        ok: false,
        message: `Study ${record.studyInstanceUid} is known already, but for another patient or site.`,
        remedy:
          "Give every study a Study Instance UID of its own and every patient one pseudonym, then send it again.",
      };
    }
    await tx.series.createMany({
      data: [{ studyId: study.studyId, seriesInstanceUid: record.seriesInstanceUid }],
      skipDuplicates: true,
    });
    const series = await tx.series.findUniqueOrThrow({
      where: { seriesInstanceUid: record.seriesInstanceUid },
      select: { id: true, studyId: true },
    });
    if (series.studyId !== study.studyId) {
      return {
        ok: false,
        message: `Series ${record.seriesInstanceUid} is known already, but in another study.`,
        remedy: "Give every series a Series Instance UID of its own, then send it again.",
      };
    }
    return storeInstanceRow(tx, record, { siteId, seriesId: series.id, caseId: study.caseId });
  });
}

/** Undefined where the study belongs to someone else. */
async function storeStudy(
  tx: Transaction,
  siteId: string,
  record: IngestRecord,
): Promise<{ studyId: string; caseId: string } | undefined> {
  const { pseudonym, studyInstanceUid } = record;
  await tx.subject.createMany({ data: [{ siteId, pseudonym }], skipDuplicates: true });
  const subject = await tx.subject.findUniqueOrThrow({
    where: { siteId_pseudonym: { siteId, pseudonym } },
    select: { id: true },
  });
  await tx.study.createMany({
    data: [
      {
        siteId,
        subjectId: subject.id,
        studyInstanceUid,
        studyDate: record.studyDate === undefined ? null : new Date(`${record.studyDate}T00:00:00Z`),
        patientAgeYears: record.patientAgeYears ?? null,
      },
    ],
    skipDuplicates: true,
  });
  const study = await tx.study.findUniqueOrThrow({
    where: { studyInstanceUid },
    select: { id: true, subjectId: true },
  });
  if (study.subjectId !== subject.id) return undefined;
  const known = await tx.case.findUnique({ where: { studyId: study.id }, select: { id: true } });
  if (known !== null) return { studyId: study.id, caseId: known.id };
  const earlier = await tx.case.count({ where: { subjectId: subject.id } });
  await tx.case.createMany({
    data: [
      {
        siteId,
        subjectId: subject.id,
        studyId: study.id,
        label: earlier === 0 ? pseudonym : `${pseudonym}/${earlier + 1}`,
      },
    ],
    skipDuplicates: true,
  });
  const stored = await tx.case.findUniqueOrThrow({ where: { studyId: study.id }, select: { id: true } });
  return { studyId: study.id, caseId: stored.id };
}

async function storeInstanceRow(
  tx: Transaction,
  record: IngestRecord,
  place: { siteId: string; seriesId: string; caseId: string },
): Promise<IngestOutcome> {
  const created = await tx.instance.createMany({
    data: [{ ...place, ...toInstanceColumns(record) }],
    skipDuplicates: true,
  });
  const stored = await tx.instance.findUniqueOrThrow({
    where: { sopInstanceUid: record.sopInstanceUid },
    select: { id: true, caseId: true, sha256: true },
  });
  if (stored.caseId !== place.caseId || stored.sha256 !== record.sha256) {
    return {
      ok: false,
      message: `Instance ${record.sopInstanceUid} is known already, with other content.`,
      remedy: "An instance never changes: give a corrected image a new SOP Instance UID, then send it again.",
    };
  }
  return { ok: true, instanceId: stored.id, caseId: stored.caseId, isNew: created.count === 1 };
}

function toInstanceColumns(record: IngestRecord) {
  return {
    sopInstanceUid: record.sopInstanceUid,
    laterality: record.laterality,
    view: record.view,
    rows: record.rows,
    columns: record.columns,
    bitsStored: record.bitsStored,
    photometricInterpretation: record.photometricInterpretation,
    imagerPixelSpacingMm: record.imagerPixelSpacingMm ?? null,
    manufacturer: record.manufacturer ?? null,
    manufacturerModelName: record.manufacturerModelName ?? null,
    blobKey: record.blobKey,
    sha256: record.sha256,
    sizeBytes: record.sizeBytes,
    thumbnailKey: record.thumbnailKey,
    perceptualHash: record.perceptualHash ?? null,
  };
}

export interface RefusedFile {
  readonly siteId: string;
  readonly sha256: string;
  readonly sizeBytes: number;
  readonly code: string;
  readonly message: string;
  readonly remedy: string;
}

export async function recordRefusedFile(db: Database, refused: RefusedFile): Promise<void> {
  const { code, message, remedy } = refused;
  await db.refusedFile.upsert({
    where: { siteId_sha256: { siteId: refused.siteId, sha256: refused.sha256 } },
    create: refused,
    update: { code, message, remedy, resolvedAt: null },
  });
}

/** The same bytes were refused once and are accepted now. */
export async function resolveRefusedFile(
  db: Database,
  file: { siteId: string; sha256: string; at: Date },
): Promise<void> {
  await db.refusedFile.updateMany({
    where: { siteId: file.siteId, sha256: file.sha256, resolvedAt: null },
    data: { resolvedAt: file.at },
  });
}

export interface DataSetReference {
  readonly caseId: string;
  readonly density: string | null;
  readonly findings: readonly { readonly laterality: Laterality; readonly finding: Finding }[];
  readonly lesions: readonly {
    readonly instanceId: string;
    readonly kind: MarkKind;
    readonly mark: LesionMark;
  }[];
}

/** Reference standard and lesion marks that a data set brings along; what is in force already stays. */
export async function storeDataSetReference(db: Database, reference: DataSetReference): Promise<void> {
  await db.$transaction(async (tx) => {
    // One writer at a time per case, so that a repeated job does not add the marks twice.
    await tx.$queryRaw`SELECT 1 FROM cases WHERE id = ${reference.caseId}::uuid FOR UPDATE`;
    if (reference.density !== null) {
      await tx.case.updateMany({ where: { id: reference.caseId }, data: { density: reference.density } });
    }
    const inForce = await tx.referenceStandard.findMany({
      where: { caseId: reference.caseId, supersededAt: null },
      select: { laterality: true },
    });
    const known = new Set(inForce.map(({ laterality }) => laterality));
    await tx.referenceStandard.createMany({
      data: reference.findings
        .filter(({ laterality }) => !known.has(laterality))
        .map((finding) => ({ caseId: reference.caseId, ...finding, source: "data_set" as const })),
    });
    const marked = await tx.annotation.count({
      where: { source: "reference", instance: { caseId: reference.caseId } },
    });
    if (marked > 0) return;
    await tx.annotation.createMany({
      data: reference.lesions.map(({ instanceId, kind, mark }) => ({
        instanceId,
        source: "reference" as const,
        geometry: toJsonColumn(
          markGeometrySchema.parse({
            shape: mark.shape,
            xPx: mark.xPx,
            yPx: mark.yPx,
            radiusPx: mark.radiusPx,
          }),
        ),
        kind,
        finding: mark.finding,
      })),
    });
  });
}
