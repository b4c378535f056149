import type { Membership } from "@crossread/contracts/role";
import { toJsonColumn } from "@crossread/db/json-column";
import { createReaderStudy } from "@crossread/db/reader-studies";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { seedReaderStudyWorld, type ReaderStudyWorld } from "../../../../../tests/reading-world.ts";
import { testDatabase, type TestDatabase } from "../../../../../tests/test-database.ts";
import { createCaller } from "../root.ts";

vi.mock("server-only", () => ({}));

let database: TestDatabase;
let world: ReaderStudyWorld;
let readerStudyId: string;

beforeAll(async () => {
  database = await testDatabase();
  world = await seedReaderStudyWorld(database.db, { siteCount: 2, casesPerSite: 4 });
  ({ readerStudyId } = await createReaderStudy(database.db, {
    name: "Study",
    cohortId: world.cohortId,
    checkpointId: world.checkpointId,
    split: "internal-test",
    readerIds: world.readerIds,
    caseLimit: 8,
    seed: 5,
    createdBy: null,
  }));
  const assignments = await database.db.readingAssignment.findMany({ where: { readerStudyId } });
  for (const { id: assignmentId, caseId, readerId } of assignments) {
    const place = world.caseIds.indexOf(caseId);
    const reader = world.readerIds.indexOf(readerId);
    const isMalignant = place % 2 === 0;
    for (const condition of ["unaided", "aided"] as const) {
      const noise = (7 * place + 3 * reader + (condition === "aided" ? 1 : 0)) % 11;
      const left = isMalignant ? (condition === "aided" ? 60 : 12) + noise * (1 + reader) : 10 + noise;
      await database.db.reading.create({
        data: {
          assignmentId,
          condition,
          lockedAt: new Date(1),
          durationMs: 1,
          answers: toJsonColumn({
            breasts: {
              R: { birads: "1", suspicion: 5 + noise },
              L: { birads: left > 50 ? "4A" : "2", suspicion: left },
            },
            density: "B",
            marks: [],
            comment: "SECRET opinion",
          }),
        },
      });
    }
  }
});
afterAll(async () => {
  await database[Symbol.asyncDispose]();
});

function callerWith(memberships: readonly Membership[]) {
  return createCaller({
    actor: { userId: world.readerIds[0] ?? "", name: "A", email: "a@example.org", memberships },
    db: database.db,
    queue: async () => ({ enqueue: async () => undefined }),
  });
}

test("nobody sees results before the study is closed, a radiologist never, and then those whose sites took part", async () => {
  const admin = callerWith([{ role: "admin", siteId: null }]);
  const coordinator = callerWith([{ role: "coordinator", siteId: world.siteIds[1] ?? "" }]);
  const elsewhere = callerWith([{ role: "coordinator", siteId: "00000000-0000-7000-8000-00000000000f" }]);
  const radiologist = callerWith(world.siteIds.map((siteId) => ({ role: "radiologist", siteId })));
  const results = (caller: typeof admin) => caller.readerStudies.results({ readerStudyId });

  await expect(results(admin)).rejects.toMatchObject({ code: "CONFLICT" });
  await expect(results(coordinator)).rejects.toMatchObject({ code: "CONFLICT" });
  await expect(results(radiologist)).rejects.toMatchObject({ code: "FORBIDDEN" });

  await admin.readerStudies.close({ readerStudyId });
  await expect(results(radiologist)).rejects.toMatchObject({ code: "FORBIDDEN" });
  await expect(results(elsewhere)).rejects.toMatchObject({ code: "NOT_FOUND" });
  await expect(
    admin.readerStudies.results({ readerStudyId: "00000000-0000-7000-8000-0000000000aa" }),
  ).rejects.toMatchObject({ code: "NOT_FOUND" });

  const seen = await results(coordinator);
  expect(seen).toEqual(await results(admin));
  expect(seen).toMatchObject({ breastCount: 16, malignantCount: 4, subjectCount: 8 });
  expect(seen.readers).toEqual([
    { name: "reader-1", caseCount: 8, submittedCount: 8, isComplete: true },
    { name: "reader-2", caseCount: 8, submittedCount: 8, isComplete: true },
  ]);
  const [auc] = seen.comparisons;
  if (auc === undefined || "undefined" in auc.result) throw new Error("The AUC has a comparison.");
  expect(auc.result.difference.value).toBeGreaterThan(0);
  expect(auc.result.means[0]?.value).toBe(1);
  expect(JSON.stringify(seen)).not.toContain("SECRET");
});
