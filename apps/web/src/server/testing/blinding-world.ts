import { randomUUID } from "node:crypto";
import type { Database } from "@crossread/db/database";
import { createReaderStudy } from "@crossread/db/reader-studies";
import type { ObjectStore } from "@crossread/storage/object-store";
import { seedReaderStudyWorld, type ReaderStudyWorld } from "../../../../../tests/reading-world.ts";
import { canaryStore } from "./canary-store.ts";
import { answersSaying, ratingGiven } from "./two-truths.ts";

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
      data: { assignmentId, condition: "unaided", answers: answersSaying("to be set"), lockedAt: new Date() },
    });
    await db.reading.create({
      data: {
        assignmentId,
        condition: "aided",
        answers: answersSaying("to be set"),
        lockedAt: new Date(),
        mapRating: { create: { answers: ratingGiven } },
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
    store: canaryStore(db),
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
