import { draftReaderStudy } from "@crossread/db/reader-studies";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { seedReaderStudyWorld, type ReaderStudyWorld } from "../../../../../tests/reading-world.ts";
import { testDatabase, type TestDatabase } from "../../../../../tests/test-database.ts";
import { createCaller } from "../root.ts";

vi.mock("server-only", () => ({}));

let database: TestDatabase;
let world: ReaderStudyWorld;

beforeAll(async () => {
  database = await testDatabase();
  world = await seedReaderStudyWorld(database.db, { siteCount: 1, casesPerSite: 2 });
});
afterAll(async () => {
  await database[Symbol.asyncDispose]();
});

test("opening a study has the maps made that its checkpoint lacks; where nobody can make them it stays a draft", async () => {
  const { db, web } = database;
  const { checkpointId, cohortId, readerIds } = world;
  const userId = readerIds[0] ?? "";
  const { readerStudyId } = await draftReaderStudy(db, {
    name: "Study",
    cohortId,
    checkpointId,
    split: "internal-test",
    readerIds,
    caseLimit: 2,
    seed: 5,
    createdBy: userId,
  });
  const enqueued: unknown[] = [];
  let isDown = true;
  const caller = createCaller({
    actor: {
      userId,
      name: "A",
      email: "a@example.org",
      memberships: [{ role: "admin", siteId: null }],
    },
    db: web,
    queue: async () => ({
      enqueue: async (kind, payload) => {
        if (isDown) throw new Error("No queue.");
        enqueued.push([kind, payload]);
      },
    }),
  });

  await expect(caller.readerStudies.open({ readerStudyId })).rejects.toThrow("No queue.");
  expect(await db.readerStudy.findUnique({ where: { id: readerStudyId } })).toMatchObject({ state: "draft" });

  isDown = false;
  await caller.readerStudies.open({ readerStudyId });
  expect(enqueued).toEqual([["explain-checkpoint", { checkpointId, cohortId }]]);
  expect(await db.readerStudy.findUnique({ where: { id: readerStudyId } })).toMatchObject({ state: "open" });

  await expect(caller.readerStudies.open({ readerStudyId })).rejects.toMatchObject({ code: "CONFLICT" });
  expect(enqueued).toHaveLength(1);
});
