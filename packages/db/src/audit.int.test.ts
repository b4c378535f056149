import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { testDatabase, type TestDatabase } from "../../../tests/test-database.ts";
import { appendAudit, listAudit, verifyAudit } from "./audit.ts";
import { refusalOfDatabase } from "./database-refusal.ts";

let database: TestDatabase;
let siteId: string;

const entry = (entityId: string) => ({
  actorId: null,
  siteId: null,
  action: "test.act",
  entityKind: "thing",
  entityId,
  details: { zebra: 1.5, apple: ["b", "a"], nested: { y: null, x: true } },
});

beforeAll(async () => {
  database = await testDatabase();
  const { db } = database;
  const site = await db.site.create({
    data: { code: "north", name: "North", colourIndex: 0, acquisition: "synthetic" },
  });
  siteId = site.id;
  for (let index = 0; index < 5; index++) await appendAudit(db, entry(`e${index}`));
});

afterAll(async () => {
  await database[Symbol.asyncDispose]();
});

/** As somebody with the database's own rights would: triggers off, one change, and back again. */
async function tampered(change: string, undo: string) {
  const { db } = database;
  await db.$executeRawUnsafe("alter table audit_events disable trigger user");
  await db.$executeRawUnsafe(change);
  const verification = await verifyAudit(db);
  await db.$executeRawUnsafe(undo);
  await db.$executeRawUnsafe("alter table audit_events enable trigger user");
  expect((await verifyAudit(db)).isIntact).toBe(true);
  return verification.firstBroken;
}

describe("the audit chain", () => {
  test("is intact after its events were written", async () => {
    const verification = await verifyAudit(database.db);
    expect(verification).toMatchObject({ isIntact: true, checkedCount: 5 });
  });

  const changes: [column: string, changed: string, original: string][] = [
    ["action", "'test.other'", "'test.act'"],
    ["entity_kind", "'other'", "'thing'"],
    ["entity_id", "'e9'", "'e2'"],
    ["reason", "'because'", "null"],
    [
      "details",
      `'{"zebra": 2}'::jsonb`,
      `'{"zebra": 1.5, "apple": ["b", "a"], "nested": {"y": null, "x": true}}'::jsonb`,
    ],
    ["at", "at + interval '1 millisecond'", "at - interval '1 millisecond'"],
    ["hash", "repeat('a', 64)", "__hash__"],
    ["previous_hash", "repeat('a', 64)", "__previous_hash__"],
  ];
  test.each(changes)("shows a change of %s", async (column, changed, original) => {
    const [row] = await database.db.$queryRaw<
      { hash: string; previous_hash: string }[]
    >`select hash, previous_hash from audit_events where sequence = 3`;
    const back = original
      .replace("__hash__", `'${row?.hash}'`)
      .replace("__previous_hash__", `'${row?.previous_hash}'`);
    const broken = await tampered(
      `update audit_events set ${column} = ${changed} where sequence = 3`,
      `update audit_events set ${column} = ${back} where sequence = 3`,
    );
    expect(broken?.sequence).toBe("3");
  });

  test("shows a change of the site", async () => {
    const broken = await tampered(
      `update audit_events set site_id = '${siteId}' where sequence = 3`,
      `update audit_events set site_id = null where sequence = 3`,
    );
    expect(broken).toEqual({ sequence: "3", problem: "changed-content" });
  });

  test("shows a row that was taken out, even where the numbers were closed up", async () => {
    const shift = (by: number, from: number) =>
      `update audit_events set sequence = sequence + ${by} where sequence > ${from}`;
    const broken = await tampered(
      `with gone as (delete from audit_events where sequence = 2 returning *) select * into kept from gone`,
      `with back as (insert into audit_events select * from kept returning 1) select 1`,
    );
    expect(broken).toEqual({ sequence: "2", problem: "missing-row" });
    await database.db.$executeRawUnsafe("drop table kept");
    expect(await tampered(shift(100, 2), shift(-100, 2))).toEqual({ sequence: "3", problem: "missing-row" });
  });

  test("stays one chain while many append at once", async () => {
    const { db } = database;
    await Promise.all(Array.from({ length: 20 }, (_, index) => appendAudit(db, entry(`parallel-${index}`))));
    expect(await verifyAudit(db)).toMatchObject({ isIntact: true, checkedCount: 25 });
  });

  test("is waited for while others hold it, longer than Prisma lets a transaction last by itself", async () => {
    const { db } = database;
    const before = await db.auditEvent.count();
    let isHeld = (): void => undefined;
    const held = new Promise<void>((resolve) => (isHeld = resolve));
    const holding = db.$transaction(async (tx) => {
      await appendAudit(tx, entry("holds the chain"));
      isHeld();
      await sleep(6_000);
    });
    await held;
    await Promise.all([holding, appendAudit(db, entry("waits for it"))]);
    expect(await verifyAudit(db)).toMatchObject({ isIntact: true, checkedCount: before + 2 });
  });

  test("that is not had in time is a refusal to be tried again, and leaves no event", async () => {
    const { db } = database;
    const before = await db.auditEvent.count();
    const late = db.$transaction(
      async (tx) => {
        await tx.$executeRaw`select pg_sleep(0.2)`;
        await appendAudit(tx, entry("too late"));
      },
      { timeout: 50 },
    );
    const failure: unknown = await late.catch((error: unknown) => error);
    expect(refusalOfDatabase(failure)).toMatchObject({
      code: "busy",
      message: "Too much is written at this moment. Nothing was changed: try again.",
    });
    expect(await db.auditEvent.count()).toBe(before);
  });

  test("leaves no event behind where the transaction fails", async () => {
    const { db } = database;
    const before = await db.auditEvent.count();
    await expect(
      db.$transaction(async (tx) => {
        await appendAudit(tx, entry("rolled back"));
        throw new Error("after the event");
      }),
    ).rejects.toThrow("after the event");
    expect(await db.auditEvent.count()).toBe(before);
  });

  test("lists newest first, in pages, only what is in scope", async () => {
    const { db } = database;
    await appendAudit(db, { ...entry("of the site"), siteId });
    const first = await listAudit(db, { viewerId: siteId, scope: "all", pageSize: 10 });
    expect(first.totalCount).toBe(28);
    expect(first.rows.map((row) => row.sequence)).toEqual(
      Array.from({ length: 10 }, (_, index) => String(28 - index)),
    );
    const next = await listAudit(db, {
      viewerId: siteId,
      scope: "all",
      pageSize: 10,
      before: first.next ?? "",
    });
    expect(next.rows[0]?.sequence).toBe("18");
    const own = await listAudit(db, { viewerId: siteId, scope: [siteId], pageSize: 10 });
    expect(own.rows.map((row) => row.entityId)).toEqual(["of the site"]);
    expect((await listAudit(db, { viewerId: siteId, scope: [], pageSize: 10 })).totalCount).toBe(0);
  });
});
