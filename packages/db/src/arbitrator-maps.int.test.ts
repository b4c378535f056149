import { afterAll, beforeAll, expect, test } from "vitest";
import { arbitrationWorld, type ArbitrationWorld } from "../../../tests/arbitration-world.ts";
import { decideCase, negative } from "../../../tests/opened-arbitration.ts";
import { readCase } from "../../../tests/read-case.ts";
import { loadMapBlob } from "./image-access.ts";
import { createReaderStudy } from "./reader-studies.ts";

let world: ArbitrationWorld;
const now = new Date("2027-01-05T10:00:00Z");

beforeAll(async () => {
  world = await arbitrationWorld(now);
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

test("maps of a case that its reader arbitrates as well are shown only after the decision", async () => {
  const { arbitratorIds, caseIds, checkpointId, cohortId, db } = world;
  const [userId = ""] = arbitratorIds;
  const key = await (await world.openedStudy()).firstOf(userId);
  const { readerStudyId } = await createReaderStudy(db, {
    name: "Read meanwhile",
    cohortId,
    checkpointId,
    split: "internal-test",
    readerIds: [userId],
    caseLimit: caseIds.length,
    seed: 7,
    createdBy: null,
  });
  const assignments = await db.readingAssignment.findMany({
    where: { readerStudyId },
    orderBy: { position: "asc" },
  });
  for (const { id } of assignments) await readCase(db, { readerId: userId, assignmentId: id }, now);

  const { caseId } = await db.arbitration.findUniqueOrThrow({ where: { id: key.arbitrationId } });
  const { id: mapId } = await db.saliencyMap.findFirstOrThrow({ where: { instance: { caseId } } });
  const map = () => loadMapBlob(db, { userId, scope: [] }, mapId);
  await expect(map()).rejects.toMatchObject({ code: "not-found" });

  await decideCase(db, key, { answers: negative, now });
  expect((await map()).blobKey).toMatch(/^maps\//);
});
