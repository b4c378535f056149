/** Accepted files → subjects, studies, series, cases and instances, many at a time. */
import type { Database, Transaction } from "./database.ts";
import type { IngestOutcome, IngestRecord } from "./ingest.ts";

/** Rows of one file; the same file again changes nothing. */
export async function storeInstance(
  db: Database,
  siteId: string,
  record: IngestRecord,
): Promise<IngestOutcome> {
  const [outcome] = await db.$transaction((tx) => storeInstances(tx, siteId, [record]));
  if (outcome === undefined) throw new Error("A record had no outcome");
  return outcome;
}

/**
 * Rows of many files of one site, in the order of the records; what is there already stays as it is.
 *
 * Unique keys are inserted in sorted order, so that two transactions that meet wait for each other instead of
 * locking each other out.
 */
export async function storeInstances(
  tx: Transaction,
  siteId: string,
  records: readonly IngestRecord[],
): Promise<IngestOutcome[]> {
  if (records.length === 0) return [];
  const subjects = await storeSubjects(tx, siteId, records);
  const studies = await storeStudies(tx, records, { siteId, subjects });
  const isOfStudy = (record: IngestRecord) =>
    studies.get(record.studyInstanceUid)?.subjectId === subjects.get(record.pseudonym);
  const ownStudy = records.filter(isOfStudy);
  const cases = await storeCases(tx, ownStudy, { siteId, studies });
  const series = await storeSeries(tx, ownStudy, studies);
  const isOfSeries = (record: IngestRecord) =>
    series.get(record.seriesInstanceUid)?.studyId === studies.get(record.studyInstanceUid)?.studyId;
  const placed = ownStudy.filter(isOfSeries).map((record) => ({
    siteId,
    seriesId: needed(series.get(record.seriesInstanceUid)).seriesId,
    caseId: needed(cases.get(needed(studies.get(record.studyInstanceUid)).studyId)),
    ...toInstanceColumns(record),
  }));
  const created = await createInstances(tx, placed);
  const stored = await findInstances(tx, placed);
  return records.map((record): IngestOutcome => {
    if (!isOfStudy(record)) {
      return {
        ok: false,
        message: `Study ${record.studyInstanceUid} is known already, but for another patient or site.`,
        remedy:
          "Give every study a Study Instance UID of its own and every patient one pseudonym, then send it again.",
      };
    }
    if (!isOfSeries(record)) {
      return {
        ok: false,
        message: `Series ${record.seriesInstanceUid} is known already, but in another study.`,
        remedy: "Give every series a Series Instance UID of its own, then send it again.",
      };
    }
    const instance = needed(stored.get(record.sopInstanceUid));
    const caseId = cases.get(needed(studies.get(record.studyInstanceUid)).studyId);
    if (instance.caseId !== caseId || instance.sha256 !== record.sha256) {
      return {
        ok: false,
        message: `Instance ${record.sopInstanceUid} is known already, with other content.`,
        remedy:
          "An instance never changes: give a corrected image a new SOP Instance UID, then send it again.",
      };
    }
    // Two records of one instance: the first made it, the second finds it.
    const isNew = created.delete(record.sopInstanceUid);
    return { ok: true, instanceId: instance.instanceId, caseId: instance.caseId, isNew };
  });
}

async function storeSubjects(
  tx: Transaction,
  siteId: string,
  records: readonly IngestRecord[],
): Promise<Map<string, string>> {
  const pseudonyms = sorted(records.map(({ pseudonym }) => pseudonym));
  await tx.subject.createMany({
    data: pseudonyms.map((pseudonym) => ({ siteId, pseudonym })),
    skipDuplicates: true,
  });
  const found = await tx.subject.findMany({
    where: { siteId, pseudonym: { in: pseudonyms } },
    select: { id: true, pseudonym: true },
  });
  return new Map(found.map(({ id, pseudonym }) => [pseudonym, id]));
}

type Studies = ReadonlyMap<string, { readonly studyId: string; readonly subjectId: string }>;

async function storeStudies(
  tx: Transaction,
  records: readonly IngestRecord[],
  known: { siteId: string; subjects: ReadonlyMap<string, string> },
): Promise<Studies> {
  const firstOf = new Map<string, IngestRecord>();
  for (const record of records) {
    if (!firstOf.has(record.studyInstanceUid)) firstOf.set(record.studyInstanceUid, record);
  }
  const uids = sorted([...firstOf.keys()]);
  await tx.study.createMany({
    data: uids.map((studyInstanceUid) => {
      const record = needed(firstOf.get(studyInstanceUid));
      return {
        siteId: known.siteId,
        subjectId: needed(known.subjects.get(record.pseudonym)),
        studyInstanceUid,
        studyDate: record.studyDate === undefined ? null : new Date(`${record.studyDate}T00:00:00Z`),
        patientAgeYears: record.patientAgeYears ?? null,
      };
    }),
    skipDuplicates: true,
  });
  const found = await tx.study.findMany({
    where: { studyInstanceUid: { in: uids } },
    select: { id: true, studyInstanceUid: true, subjectId: true },
  });
  return new Map(
    found.map(({ id, studyInstanceUid, subjectId }) => [studyInstanceUid, { studyId: id, subjectId }]),
  );
}

/** Case id by study id. */
async function storeCases(
  tx: Transaction,
  records: readonly IngestRecord[],
  known: { siteId: string; studies: Studies },
): Promise<Map<string, string>> {
  const { siteId } = known;
  const pseudonyms = new Map<string, { studyId: string; subjectId: string; pseudonym: string }>();
  for (const { pseudonym, studyInstanceUid } of records) {
    const study = needed(known.studies.get(studyInstanceUid));
    pseudonyms.set(study.studyId, { ...study, pseudonym });
  }
  const studyIds = sorted([...pseudonyms.keys()]);
  const before = await tx.case.findMany({
    where: { studyId: { in: studyIds } },
    select: { id: true, studyId: true },
  });
  const cases = new Map(before.map(({ id, studyId }) => [studyId, id]));
  const missing = studyIds.filter((studyId) => !cases.has(studyId));
  if (missing.length === 0) return cases;
  const subjectIds = sorted(missing.map((studyId) => needed(pseudonyms.get(studyId)).subjectId));
  const earlier = await tx.case.groupBy({
    by: ["subjectId"],
    where: { subjectId: { in: subjectIds } },
    _count: true,
  });
  const counts = new Map(earlier.map(({ _count, subjectId }) => [subjectId, _count]));
  await tx.case.createMany({
    data: missing.map((studyId) => {
      const { pseudonym, subjectId } = needed(pseudonyms.get(studyId));
      const count = counts.get(subjectId) ?? 0;
      counts.set(subjectId, count + 1);
      return { siteId, subjectId, studyId, label: count === 0 ? pseudonym : `${pseudonym}/${count + 1}` };
    }),
    skipDuplicates: true,
  });
  const after = await tx.case.findMany({
    where: { studyId: { in: missing } },
    select: { id: true, studyId: true },
  });
  for (const { id, studyId } of after) cases.set(studyId, id);
  return cases;
}

async function storeSeries(
  tx: Transaction,
  records: readonly IngestRecord[],
  studies: Studies,
): Promise<Map<string, { seriesId: string; studyId: string }>> {
  const studyOf = new Map<string, string>();
  for (const { seriesInstanceUid, studyInstanceUid } of records) {
    if (!studyOf.has(seriesInstanceUid)) {
      studyOf.set(seriesInstanceUid, needed(studies.get(studyInstanceUid)).studyId);
    }
  }
  const uids = sorted([...studyOf.keys()]);
  await tx.series.createMany({
    data: uids.map((seriesInstanceUid) => ({
      seriesInstanceUid,
      studyId: needed(studyOf.get(seriesInstanceUid)),
    })),
    skipDuplicates: true,
  });
  const found = await tx.series.findMany({
    where: { seriesInstanceUid: { in: uids } },
    select: { id: true, seriesInstanceUid: true, studyId: true },
  });
  return new Map(
    found.map(({ id, seriesInstanceUid, studyId }) => [seriesInstanceUid, { seriesId: id, studyId }]),
  );
}

type InstanceColumns = ReturnType<typeof toInstanceColumns> & {
  readonly siteId: string;
  readonly seriesId: string;
  readonly caseId: string;
};

/** SOP Instance UIDs of those that were not there before. */
async function createInstances(tx: Transaction, placed: readonly InstanceColumns[]): Promise<Set<string>> {
  const created = await tx.instance.createManyAndReturn({
    data: placed.toSorted((a, b) => (a.sopInstanceUid < b.sopInstanceUid ? -1 : 1)),
    skipDuplicates: true,
    select: { sopInstanceUid: true },
  });
  return new Set(created.map(({ sopInstanceUid }) => sopInstanceUid));
}

async function findInstances(tx: Transaction, placed: readonly InstanceColumns[]) {
  const found = await tx.instance.findMany({
    where: { sopInstanceUid: { in: placed.map(({ sopInstanceUid }) => sopInstanceUid) } },
    select: { id: true, sopInstanceUid: true, caseId: true, sha256: true },
  });
  return new Map(found.map(({ id, sopInstanceUid, ...row }) => [sopInstanceUid, { instanceId: id, ...row }]));
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
    hasBreastImplant: record.hasBreastImplant ?? null,
    labels: [...(record.labels ?? [])],
    sopClassUid: record.sopClassUid ?? null,
    blobKey: record.blobKey,
    sha256: record.sha256,
    sizeBytes: record.sizeBytes,
    thumbnailKey: record.thumbnailKey,
    perceptualHash: record.perceptualHash ?? null,
  };
}

const sorted = (values: readonly string[]): string[] => [...new Set(values)].toSorted();

function needed<TValue>(value: TValue | undefined): TValue {
  if (value === undefined) throw new Error("A row that this transaction wrote is not there");
  return value;
}
