import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { arbitrationWorld, type ArbitrationWorld } from "../../../tests/arbitration-world.ts";
import { seedRadiologist } from "../../../tests/read-study.ts";
import { listArbitratorChoices, openArbitration } from "./arbitration-queue.ts";
import { listDiscordances } from "./discordance-list.ts";

let world: ArbitrationWorld;
const now = new Date("2027-01-05T10:00:00Z");

beforeAll(async () => {
  world = await arbitrationWorld(now);
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

describe("the queue", () => {
  test("is refused while a study is open, in the database too", async () => {
    const readerStudyId = await world.newStudy("open");
    await expect(openArbitration(world.db, world.planOf(readerStudyId))).rejects.toMatchObject({
      code: "conflict",
    });
    await expect(
      world.db.arbitrationQueue.create({ data: { readerStudyId, seed: 1, rules: {}, openedAt: now } }),
    ).rejects.toThrow(/not closed/);
  });

  test("takes discordant cases and controls once, however often it is opened", async () => {
    const readerStudyId = await world.newStudy();
    const plan = world.planOf(readerStudyId);
    const both = await Promise.all([openArbitration(world.db, plan), openArbitration(world.db, plan)]);
    expect(both).toContainEqual({ discordanceCount: 4, discordantCaseCount: 4, controlCount: 2 });
    expect(both).toContainEqual({ discordanceCount: 0, discordantCaseCount: 0, controlCount: 0 });
    const rows = await world.db.arbitration.findMany({
      where: { queue: { readerStudyId } },
      orderBy: { position: "asc" },
    });
    expect(rows).toHaveLength(6);
    expect(
      rows.filter((row) => row.arbitratorId === world.arbitratorIds[0]).map((row) => row.position),
    ).toEqual([0, 1, 2]);
    const discordantIds = new Set(world.caseIds.slice(0, 4));
    expect(rows.filter(({ caseId }) => !discordantIds.has(caseId))).toHaveLength(2);
    await expect(
      openArbitration(world.db, { ...plan, rules: { ...plan.rules, kinds: ["reader-ai"] } }),
    ).rejects.toMatchObject({ code: "conflict" });
  });

  test("takes nobody who read the case, in the database neither", async () => {
    const readerStudyId = await world.newStudy();
    const [reader = ""] = world.readerIds;
    await expect(
      openArbitration(world.db, { ...world.planOf(readerStudyId), arbitratorIds: [reader] }),
    ).rejects.toThrow(/Nobody of the chosen may arbitrate 6 of 6 cases/);
    expect(await world.db.arbitrationQueue.count({ where: { readerStudyId } })).toBe(0);
    await openArbitration(world.db, world.planOf(readerStudyId));
    const queue = await world.db.arbitrationQueue.findUniqueOrThrow({ where: { readerStudyId } });
    const free = await world.db.case.findFirstOrThrow({
      where: { arbitrations: { none: { queueId: queue.id } }, assignments: { some: { readerStudyId } } },
    });
    await expect(
      world.db.arbitration.create({
        data: { queueId: queue.id, caseId: free.id, arbitratorId: reader, position: 99 },
      }),
    ).rejects.toThrow(/cannot arbitrate/);
  });

  test("takes nobody who is no radiologist of the case's site", async () => {
    const readerStudyId = await world.newStudy();
    const here = await seedRadiologist(world.db, `here-${randomUUID()}`, world.siteIds.slice(1));
    await expect(
      openArbitration(world.db, { ...world.planOf(readerStudyId), arbitratorIds: [here], controlCount: 0 }),
    ).rejects.toThrow(/may arbitrate 4 of 4 cases/);
    const { caseCount, choices } = await listArbitratorChoices(world.db, readerStudyId);
    expect(caseCount).toBe(8);
    expect(choices.find(({ userId }) => userId === here)?.caseCount).toBe(4);
    expect(choices.find(({ userId }) => userId === world.arbitratorIds[0])?.caseCount).toBe(8);
    expect(choices.some(({ userId }) => world.readerIds.includes(userId))).toBe(false);
  });

  test("shows what would be found, by kind and site, and then what is on record", async () => {
    const readerStudyId = await world.newStudy();
    const { rules } = world.planOf(readerStudyId);
    const query = { readerStudyId, viewerId: world.adminId, rules, offset: 0, pageSize: 50 };
    const before = await listDiscordances(world.db, query);
    expect(before).toMatchObject({
      queue: null,
      caseCount: 8,
      discordantBreastCount: 4,
      countsByKind: { "reader-reader": 4, "reader-ai": 0 },
    });
    expect(before.rows[0]?.readers.map(({ readerName, ...said }) => [readerName, said])).toEqual([
      ["reader-1", { unaided: { birads: "1", suspicion: 3 }, aided: { birads: "4B", suspicion: 70 } }],
      ["reader-2", { unaided: { birads: "1", suspicion: 3 }, aided: { birads: "1", suspicion: 3 } }],
    ]);
    const here = await listDiscordances(world.db, { ...query, siteId: world.siteIds[1] ?? "" });
    expect([here.totalCount, here.countsByKind["reader-reader"]]).toEqual([0, 0]);
    await openArbitration(world.db, world.planOf(readerStudyId));
    const after = await listDiscordances(world.db, query);
    expect(after.queue).toMatchObject({ caseCount: 6, controlCount: 2, decidedCount: 0 });
    expect(after.rows.map(({ caseId }) => caseId)).toEqual(before.rows.map(({ caseId }) => caseId));
    expect(after.rows[0]?.arbitration).toMatchObject({ state: "waiting" });
    const arbitrator = await listDiscordances(world.db, { ...query, viewerId: world.arbitratorIds[0] ?? "" });
    expect(arbitrator.hiddenCaseCount).toBe(3);
  });
});
