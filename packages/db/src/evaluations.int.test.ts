import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { testDatabase, type TestDatabase } from "../../../tests/test-database.ts";
import { findBestByDip } from "./evaluations.ts";
import { underScope } from "./row-scope.ts";

let world: TestDatabase;

beforeAll(async () => {
  world = await testDatabase();
});

afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

test("a board holds the largest results, however old, and says how many there are", async () => {
  const { db } = world;
  const cohort = (name: string) => db.cohort.create({ data: { name, seed: 1 }, select: { id: true } });
  const { id: cohortId } = await cohort("Ours");
  const { id: otherCohortId } = await cohort("Another");
  const { id: siteId } = await db.site.create({
    data: { code: "north", name: "North", colourIndex: 0, acquisition: "synthetic" },
  });
  const names = new Map<string, string>();
  async function evaluate(name: string, dip: object, target: object = {}) {
    const checkpoint = await db.checkpoint.create({
      data: { name, sha256: name, roundNumber: 0, blobKey: `checkpoints/${name}`, manifest: {} },
    });
    const minute = names.size;
    const { id } = await db.evaluation.create({
      data: {
        checkpointId: checkpoint.id,
        cohortId,
        split: "internal_test",
        report: { metrics: { dip } },
        createdAt: new Date(Date.UTC(2026, 0, 1, 0, minute)),
        ...target,
      },
    });
    names.set(id, name);
  }
  await evaluate("oldest and best", { value: 0.9 });
  await evaluate("undefined", { undefined: "No breast is called malignant." });
  await evaluate("small", { value: 1e-7 });
  await evaluate("middle", { value: 0.55 });
  await evaluate("of a site", { value: 0.99 }, { siteId });
  await evaluate("of another split", { value: 0.99 }, { split: "tuning" });
  await evaluate("of another cohort", { value: 0.99 }, { cohortId: otherCohortId });

  // As whoever holds a role at one site sees it: boards are of all of them.
  const scoped = underScope(world.web, { sites: [siteId], personId: randomUUID() });
  const best = async (limit: number) => {
    const found = await findBestByDip(scoped, { cohortId, split: "internal-test", limit });
    return { ...found, evaluationIds: found.evaluationIds.map((id) => names.get(id)) };
  };
  expect(await best(2)).toEqual({ evaluationIds: ["oldest and best", "middle"], totalCount: 4 });
  expect((await best(20)).evaluationIds).toEqual(["oldest and best", "middle", "small", "undefined"]);
});
