import { randomUUID } from "node:crypto";
import { appendAudit } from "@crossread/db/audit";
import type { Laterality, View } from "@crossread/contracts/dataset-manifest";
import type { Database } from "@crossread/db/database";
import { toJsonColumn } from "@crossread/db/json-column";
import { createReaderStudy } from "@crossread/db/reader-studies";
import type { ObjectStore } from "@crossread/storage/object-store";
import { seedReaderStudyWorld, type ReaderStudyWorld } from "../../../../../tests/reading-world.ts";
import { mammogram } from "../dicomweb/testing/dicomweb-world.ts";

/** Two pictures of one world: everything that a reader must not know differs, nothing else does. */
export type Truth = "A" | "B";

/**
 * Everything that only the truth about a case decides. Each value is unlike anything else in the world, so that
 * finding it in a response is a leak; `site` and `patient` tell where the case is from.
 */
export const secretsOf = (truth: Truth) => ({
  label: [`CANARY-REASON-${truth}`, `canary-tag-${truth.toLowerCase()}`],
  model: [truth === "A" ? "0.7314159" : "0.2471828", `CANARY-MAP-${truth}`, `CANARY-LAYER-${truth}`],
  others: [`CANARY-OPINION-${truth}`, `CANARY-MAP-COMMENT-${truth}`],
  file: [`CANARY-KEY-${truth}`, `CANARY-HEADER-${truth}`, `CANARY-TRAILER-${truth}`],
});
export const originSecrets = ["CANARY-SITE", "canary-code", "CANARY-PATIENT", "CANARY-VENDOR", "CANARY-CASE"];

export interface BlindingWorld extends ReaderStudyWorld {
  readonly readerStudyId: string;
  /** Closed; the same cases, read by two others. */
  readonly closedStudyId: string;
  readonly readerId: string;
  readonly otherReaderId: string;
  readonly pendingCaseIds: readonly string[];
  readonly imageIds: readonly string[];
  readonly store: ObjectStore;
  readonly ids: Readonly<Record<string, string>>;
}

const answers = (comment: string) => ({
  breasts: { R: { birads: "2", suspicion: 7 }, L: { birads: "4B", suspicion: 73 } },
  density: "C",
  marks: [],
  comment,
});

const mapRating = {
  lesionInsideHotArea: "partly",
  hasMissedLesion: false,
  hasSpuriousAreas: true,
  plausibility: 3,
  wouldChangeRecall: "no",
  comment: "to be set",
};

/** An open study in which another reader has gone before, beside everything else that a platform holds of its cases. */
export async function seedBlindingWorld(db: Database): Promise<BlindingWorld> {
  const world = await seedReaderStudyWorld(db, { siteCount: 2, casesPerSite: 3 });
  const [readerId = "", otherReaderId = ""] = world.readerIds;
  const plan = {
    cohortId: world.cohortId,
    checkpointId: world.checkpointId,
    split: "internal-test" as const,
    caseLimit: 6,
    seed: 11,
    createdBy: null,
  };
  const { id: thirdReaderId } = await db.user.create({
    data: {
      email: "reader-3@example.org",
      name: "reader-3",
      passwordHash: "x",
      memberships: { create: world.siteIds.map((siteId) => ({ siteId, role: "radiologist" as const })) },
    },
  });
  const earlierReaders = [otherReaderId, thirdReaderId];
  const closed = await createReaderStudy(db, { ...plan, name: "Closed", readerIds: earlierReaders });
  await db.$executeRaw`UPDATE reader_studies SET state = 'closed' WHERE id = ${closed.readerStudyId}::uuid`;
  const open = await createReaderStudy(db, { ...plan, name: "Open", readerIds: [readerId, otherReaderId] });
  const assignments = await db.readingAssignment.findMany({
    where: { readerStudyId: open.readerStudyId, readerId },
    orderBy: { position: "asc" },
  });
  const [first] = assignments;
  if (first === undefined) throw new Error("The study has no assignments.");
  const pendingCaseIds = assignments.map(({ caseId }) => caseId);
  const others = await db.readingAssignment.findMany({ where: { readerId: { in: earlierReaders } } });
  for (const { id: assignmentId } of others) {
    await db.reading.create({
      data: { assignmentId, condition: "unaided", answers: answers("to be set"), lockedAt: new Date() },
    });
    await db.reading.create({
      data: {
        assignmentId,
        condition: "aided",
        answers: answers("to be set"),
        lockedAt: new Date(),
        mapRating: { create: { answers: mapRating } },
      },
    });
  }
  for (const [index, siteId] of world.siteIds.entries()) {
    await db.site.update({
      where: { id: siteId },
      data: { code: `canary-code-${index}`, name: `CANARY-SITE-${index}` },
    });
  }
  await db.$executeRaw`UPDATE subjects SET pseudonym = 'CANARY-PATIENT-' || id`;
  await db.$executeRaw`UPDATE cases SET label = 'CANARY-CASE-' || id`;
  await db.$executeRaw`UPDATE instances SET manufacturer = 'CANARY-VENDOR', manufacturer_model_name = 'CANARY-VENDOR-1'`;
  const readCase = await db.case.findUniqueOrThrow({
    where: { id: first.caseId },
    include: { instances: { include: { saliencyMaps: true, series: true } }, study: true },
  });
  const instance = readCase.instances[0];
  const other = await db.instance.findFirstOrThrow({
    where: { caseId: pendingCaseIds[1] ?? "" },
    select: { id: true },
  });
  const pair = await db.imagePair.create({
    data: {
      firstInstanceId: instance?.id ?? "",
      secondInstanceId: other.id,
      kind: "near",
      score: 0.99,
      transform: { isMirrored: false, a: 1, b: 0, tx: 0, ty: 0 },
      foundAt: new Date(0),
    },
  });
  const labelImport = await db.labelImport.create({
    data: {
      siteId: readCase.siteId,
      createdAt: new Date(0),
      reason: "Imported",
      fileSha256: "0".repeat(64),
      rowCount: 1,
      newCount: 1,
      changedCount: 0,
      sameCount: 0,
      refusedCount: 0,
      rows: { create: { rowNumber: 2, caseId: readCase.id, outcome: "new" } },
    },
  });
  const arbitrator = await db.user.create({
    data: {
      email: "arbitrator@example.org",
      name: "Arbitrator",
      passwordHash: "x",
      memberships: { create: world.siteIds.map((siteId) => ({ siteId, role: "radiologist" as const })) },
    },
  });
  const rules = {
    kinds: ["reader-reader"],
    thresholds: { biradsSteps: 3, suspicionPoints: 50 },
    model: null,
    earlierCheckpointId: null,
  };
  const queue = await db.arbitrationQueue.create({
    data: {
      readerStudyId: closed.readerStudyId,
      seed: 1,
      rules,
      openedAt: new Date(0),
      discordances: {
        create: {
          caseId: readCase.id,
          laterality: "L",
          kind: "reader_reader",
          statement: "to be set",
          createdAt: new Date(0),
        },
      },
      arbitrations: { create: { caseId: readCase.id, arbitratorId: arbitrator.id, position: 0 } },
    },
    select: { arbitrations: { select: { id: true } } },
  });
  const map = instance?.saliencyMaps[0];
  const upload = await db.upload.create({
    data: { id: randomUUID(), siteId: readCase.siteId, createdBy: readerId, source: "browser" },
  });
  const keeper = await db.user.create({
    data: { email: "keeper@example.org", name: "Keeper", passwordHash: "x" },
  });
  return {
    ...world,
    readerStudyId: open.readerStudyId,
    closedStudyId: closed.readerStudyId,
    readerId,
    otherReaderId,
    pendingCaseIds,
    imageIds: readCase.instances.map(({ id }) => id),
    store: storeOf(db),
    ids: {
      arbitrationId: queue.arbitrations[0]?.id ?? "",
      assignmentId: first.id,
      otherAssignmentId: others[0]?.id ?? "",
      caseId: readCase.id,
      studyId: readCase.studyId,
      studyInstanceUid: readCase.study.studyInstanceUid,
      seriesInstanceUid: instance?.series.seriesInstanceUid ?? "",
      sopInstanceUid: instance?.sopInstanceUid ?? "",
      instanceId: instance?.id ?? "",
      mapId: map?.id ?? "",
      siteId: readCase.siteId,
      cohortId: world.cohortId,
      checkpointId: world.checkpointId,
      readerStudyId: open.readerStudyId,
      closedStudyId: closed.readerStudyId,
      pairId: pair.id,
      importId: labelImport.id,
      userId: otherReaderId,
      arbitratorId: arbitrator.id,
      keeperId: keeper.id,
      uploadId: upload.id,
      nothing: randomUUID(),
    },
  };
}

/** Blobs that name themselves: whoever gets one of a map, gets its secret. */
function storeOf(db: Database): ObjectStore {
  return {
    async get(key) {
      if (!key.startsWith("instances/")) return new TextEncoder().encode(`blob ${key}`);
      const row = await db.instance.findFirstOrThrow({ where: { blobKey: key } });
      return labelledFile(row.laterality, row.view, key.includes("CANARY-KEY-A") ? "A" : "B");
    },
    put: async () => undefined,
    putStream: async () => undefined,
    has: async () => true,
    delete: async () => undefined,
    list: async () => [],
  };
}

/** What a careless archive writes into its files: the finding in texts before the pixels and in elements after them. */
function labelledFile(laterality: Laterality, view: View, truth: Truth): Uint8Array {
  const [, header = "", trailer = ""] = secretsOf(truth).file;
  // Of another length under the other truth.
  const said = `${header}${truth === "A" ? " MALIGNANT" : ""}`;
  const file = mammogram({
    subjectId: "CANARY-PATIENT-IN-FILE",
    manufacturer: "CANARY-VENDOR",
    manufacturerModelName: said,
    softwareVersions: said,
    institutionName: said,
    kvp: truth === "A" ? 28 : 31,
    compressionForceN: truth === "A" ? 90 : 120,
    windows: [{ center: 2048, width: 4096, explanation: said.slice(0, 16) }],
    laterality,
    view,
  });
  const text = Buffer.from(trailer.padEnd(trailer.length + (trailer.length % 2)));
  // Data Set Trailing Padding (FFFC,FFFC), OB with a length of 32 bits.
  const padding = Buffer.from([0xfc, 0xff, 0xfc, 0xff, 0x4f, 0x42, 0, 0, text.length, 0, 0, 0]);
  return new Uint8Array(Buffer.concat([file, padding, text]));
}

/** A machine that does much else takes its time. */
const patience = { maxWait: 30_000, timeout: 60_000 };

/** Makes one of the two truths hold. Rows that the platform never changes are changed past its triggers. */
export async function establish(db: Database, world: BlindingWorld, truth: Truth): Promise<void> {
  const secrets = secretsOf(truth);
  const [reason = "", tag = ""] = secrets.label;
  const [score = "", map = "", layer = ""] = secrets.model;
  const [opinion = "", mapComment = ""] = secrets.others;
  const [key = ""] = secrets.file;
  const isA = truth === "A";
  const cases = [...world.pendingCaseIds];
  await db.$transaction(async (tx) => {
    await tx.$executeRaw`SET LOCAL session_replication_role = replica`;
    await tx.$executeRaw`UPDATE reference_standards SET reason = ${reason},
      finding = (CASE WHEN laterality = 'L' AND ${isA} THEN 'malignant' ELSE 'normal' END)::"Finding",
      source = (CASE WHEN ${isA} THEN 'pathology' ELSE 'data-set' END)::reference_source
      WHERE case_id = ANY(${cases}::uuid[])`;
    await tx.$executeRaw`UPDATE cases SET density = ${isA ? "D" : "A"} WHERE id = ANY(${cases}::uuid[])`;
    await tx.$executeRaw`UPDATE study_summaries SET density = ${isA ? "D" : "A"},
      label_state = ${isA ? "malignant" : "normal"} WHERE case_id = ANY(${cases}::uuid[])`;
    await tx.$executeRaw`DELETE FROM assessments`;
    for (const caseId of cases) {
      const common = { caseId, source: "reader" as const, reason, createdAt: new Date(0) };
      await tx.assessment.createMany({
        data: [
          { ...common, kind: "birads", laterality: "L", value: isA ? "5" : "1" },
          { ...common, kind: "density", value: isA ? "D" : "A" },
        ],
      });
    }
    await tx.$executeRaw`UPDATE annotations SET kind = ${isA ? "mass" : "calcification"}, reason = ${reason},
      pathology = ${isA ? "invasive" : null} WHERE source = 'reference'`;
    await tx.$executeRaw`UPDATE predictions SET score = ${Number(score)}`;
    await tx.$executeRaw`UPDATE saliency_maps SET blob_key = ${map} || id, layer = ${layer}, width_px = ${isA ? 300 : 301}`;
    await tx.$executeRaw`UPDATE instances SET blob_key = 'instances/' || ${key} || id, thumbnail_key = 'thumbnails/' || id,
      sha256 = ${key} || id`;
    await tx.$executeRaw`UPDATE readings SET answers = ${toJsonColumn(answers(opinion))}::jsonb
      WHERE assignment_id IN (SELECT id FROM reading_assignments WHERE reader_id <> ${world.readerId}::uuid)`;
    await tx.$executeRaw`UPDATE map_ratings SET answers = ${toJsonColumn({ ...mapRating, comment: mapComment })}::jsonb`;
    await tx.$executeRaw`UPDATE discordances SET statement = ${opinion}`;
    await tx.$executeRaw`DELETE FROM study_tags`;
    await tx.$executeRaw`INSERT INTO study_tags (study_id, tag, created_at)
      SELECT study_id, ${tag}, now() FROM cases WHERE id = ANY(${cases}::uuid[])`;
    await tx.$executeRaw`DELETE FROM audit_events`;
  }, patience);
  // What a change of the label, of the marks and of the label table leaves in the log.
  const event = { actorId: null, siteId: world.ids["siteId"] ?? "", entityKind: "case", reason } as const;
  for (const entityId of cases) {
    await appendAudit(db, {
      ...event,
      action: "reference.change",
      entityId,
      details: { L: { finding: { from: "normal", to: isA ? "malignant" : "benign" } } },
    });
    await appendAudit(db, { ...event, action: "reference-marks.change", entityId, details: { changes: [] } });
  }
}
