import { createReaderStudy, listUnexplainedAids } from "@crossread/db/reader-studies";
import { afterAll, beforeAll, expect, test } from "vitest";
import { seedReaderStudyWorld, type ReaderStudyWorld } from "../../../../tests/reading-world.ts";
import { testDatabase, type TestDatabase } from "../../../../tests/test-database.ts";
import type { WorkerContext } from "../worker-context.ts";
import { findUnexplained } from "./explain-checkpoint.ts";

let database: TestDatabase;
let world: ReaderStudyWorld;

beforeAll(async () => {
  database = await testDatabase();
  world = await seedReaderStudyWorld(database.db, { siteCount: 1, casesPerSite: 2 });
});

afterAll(async () => {
  await database[Symbol.asyncDispose]();
});

test("what people read with a checkpoint's aid is explained, of whatever split it is", async () => {
  const { db } = database;
  const { caseIds, checkpointId, readerIds } = world;
  const maps = await db.saliencyMap.findMany({ where: { checkpointId } });
  await db.saliencyMap.deleteMany({ where: { checkpointId } });
  const { id: cohortId } = await db.cohort.create({ data: { name: "Tuning", seed: 1 } });
  const split = "tuning";
  for (const { id: caseId, siteId, subjectId } of await db.case.findMany()) {
    await db.cohortSubject.create({ data: { cohortId, subjectId, siteId, split } });
    await db.cohortCase.create({ data: { cohortId, caseId, subjectId, split } });
  }
  await db.cohort.update({ where: { id: cohortId }, data: { digest: "d", frozenAt: new Date(0) } });
  const context = { db } as Partial<WorkerContext> as WorkerContext;
  const unexplained = async () => {
    const { missing } = await findUnexplained(context, { checkpointId, cohortId });
    return missing.length;
  };

  expect(await unexplained()).toBe(0);
  await createReaderStudy(db, {
    name: "Study",
    cohortId,
    checkpointId,
    split,
    readerIds,
    caseLimit: 2,
    seed: 5,
    createdBy: null,
  });
  expect(await unexplained()).toBe(await db.instance.count({ where: { caseId: { in: [...caseIds] } } }));
  expect(await listUnexplainedAids(db)).toEqual([{ checkpointId, cohortId }]);

  await db.saliencyMap.createMany({
    data: maps.map(({ transform, ...columns }) => ({ ...columns, transform: transform ?? {} })),
  });
  expect(await listUnexplainedAids(db)).toEqual([]);
});
