import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { testDatabase, type TestDatabase } from "../../../tests/test-database.ts";

let database: TestDatabase;
let cohortId: string;
let subjectId: string;
let siteId: string;
let caseId: string;

beforeAll(async () => {
  database = await testDatabase();
  const { db } = database;
  const site = await db.site.create({
    data: { code: "north", name: "North", colourIndex: 0, acquisition: "synthetic" },
  });
  siteId = site.id;
  const subject = await db.subject.create({ data: { siteId, pseudonym: "P-1" } });
  subjectId = subject.id;
  const study = await db.study.create({ data: { siteId, subjectId, studyInstanceUid: "2.25.1" } });
  const readCase = await db.case.create({ data: { siteId, subjectId, studyId: study.id, label: "C-1" } });
  caseId = readCase.id;
  const cohort = await db.cohort.create({ data: { name: "Cohort", seed: 1 } });
  cohortId = cohort.id;
  await db.cohortSubject.create({ data: { cohortId, subjectId, siteId, split: "train" } });
});

afterAll(async () => {
  await database[Symbol.asyncDispose]();
});

describe("the database", () => {
  test("refuses one subject in two splits of a cohort", async () => {
    await expect(
      database.db.cohortSubject.create({ data: { cohortId, subjectId, siteId, split: "internal_test" } }),
    ).rejects.toThrow(/Unique constraint/);
  });

  test("refuses a case in another split than its subject's", async () => {
    await expect(
      database.db.cohortCase.create({ data: { cohortId, caseId, subjectId, split: "tuning" } }),
    ).rejects.toThrow(/Foreign key/);
  });

  test("refuses a change of a frozen cohort's membership", async () => {
    const { db } = database;
    const cohort = await db.cohort.create({ data: { name: "Frozen", seed: 1 } });
    await db.cohort.update({ where: { id: cohort.id }, data: { digest: "d", frozenAt: new Date() } });
    await expect(
      db.cohortSubject.create({ data: { cohortId: cohort.id, subjectId, siteId, split: "train" } }),
    ).rejects.toThrow(/frozen/);
  });

  test("refuses a second update of one site in one round", async () => {
    const { db } = database;
    const run = await db.trainingRun.create({ data: { name: "Run", cohortId, plan: {} } });
    const round = await db.trainingRound.create({ data: { runId: run.id, number: 1 } });
    await db.siteUpdate.create({ data: { roundId: round.id, siteId } });
    await expect(db.siteUpdate.create({ data: { roundId: round.id, siteId } })).rejects.toThrow(
      /Unique constraint/,
    );
  });

  test("refuses to change or delete an audit event", async () => {
    const { db } = database;
    await db.auditEvent.create({
      data: {
        sequence: 1n,
        at: new Date(),
        action: "test",
        entityKind: "site",
        entityId: siteId,
        details: {},
        previousHash: "",
        hash: "h",
      },
    });
    await expect(db.auditEvent.updateMany({ data: { action: "other" } })).rejects.toThrow(/append-only/);
    await expect(db.auditEvent.deleteMany({})).rejects.toThrow(/append-only/);
  });

  test("refuses a site role without a site", async () => {
    const { db } = database;
    const user = await db.user.create({
      data: { email: `${randomUUID()}@example.org`, name: "Reader", passwordHash: "x" },
    });
    await expect(db.membership.create({ data: { userId: user.id, role: "radiologist" } })).rejects.toThrow(
      /memberships_platform_role_check/,
    );
  });

  test("refuses an aided reading before the unaided one is locked, and any change after the lock", async () => {
    const { db } = database;
    const user = await db.user.create({
      data: { email: `${randomUUID()}@example.org`, name: "Reader", passwordHash: "x" },
    });
    const checkpoint = await db.checkpoint.create({
      data: { name: "C", sha256: "s", blobKey: "b", manifest: {}, roundNumber: 0 },
    });
    const study = await db.readerStudy.create({
      data: {
        name: "Study",
        cohortId,
        checkpointId: checkpoint.id,
        seed: 1,
        readers: { create: { readerId: user.id, place: 0, participation: "accepted" } },
      },
    });
    const assignment = await db.readingAssignment.create({
      data: { readerStudyId: study.id, readerId: user.id, caseId, position: 0 },
    });
    const aided = { assignmentId: assignment.id, condition: "aided" as const, answers: {} };
    await expect(db.reading.create({ data: aided })).rejects.toThrow(/not locked/);
    const unaided = await db.reading.create({ data: { ...aided, condition: "unaided" } });
    await db.reading.update({ where: { id: unaided.id }, data: { lockedAt: new Date() } });
    await db.reading.create({ data: aided });
    await expect(
      db.reading.update({ where: { id: unaided.id }, data: { answers: { changed: 1 } } }),
    ).rejects.toThrow(/locked reading/);
  });
});
