import { createHash } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { testDatabase, type TestDatabase } from "../../../tests/test-database.ts";
import { appendAudit, verifyAudit } from "./audit.ts";

/** Longer than what is read at a time. */
const eventCount = 1_100;

let database: TestDatabase;
let actorId: string;

const entry = (index: number) => ({
  siteId: null,
  actorId: index % 2 === 0 ? actorId : null,
  action: "test.act",
  entityKind: "thing",
  entityId: `e${index}`,
  reason: null,
});

/** The chain as it is documented: keys in order, no spaces, SHA-256 over the hash before it and the event. */
function chain() {
  let previousHash = "0".repeat(64);
  return Array.from({ length: eventCount }, (_, index) => {
    const at = new Date(Date.UTC(2026, 0, 1) + index);
    const { action, actorId: actor, entityId, entityKind, reason, siteId } = entry(index);
    const content = JSON.stringify({
      action,
      actorId: actor,
      at: at.toISOString(),
      details: { count: index },
      entityId,
      entityKind,
      reason,
      sequence: String(index + 1),
      siteId,
    });
    const hash = createHash("sha256").update(previousHash).update(content).digest("hex");
    const row = { sequence: BigInt(index + 1), at, ...entry(index), details: { count: index } };
    const event = { ...row, previousHash, hash };
    previousHash = hash;
    return event;
  });
}

beforeAll(async () => {
  database = await testDatabase();
  const { db } = database;
  actorId = (await db.user.create({ data: { email: "a@example.org", name: "A", passwordHash: "x" } })).id;
  await db.auditEvent.createMany({ data: chain() });
});
afterAll(async () => {
  await database[Symbol.asyncDispose]();
});

/** As somebody with the database's own rights would: triggers off, one change, and back again. */
async function brokenBy(change: string, undo: string) {
  const { db } = database;
  await db.$executeRawUnsafe("alter table audit_events disable trigger user");
  await db.$executeRawUnsafe(change);
  const { firstBroken } = await verifyAudit(db);
  await db.$executeRawUnsafe(undo);
  await db.$executeRawUnsafe("alter table audit_events enable trigger user");
  return firstBroken;
}

test("a chain longer than a page is followed to its end, also from who appends to it", async () => {
  const { db } = database;
  expect(await verifyAudit(db)).toMatchObject({ isIntact: true, checkedCount: eventCount });
  await appendAudit(db, { ...entry(eventCount), reason: "because", details: {} });
  expect(await verifyAudit(db)).toMatchObject({ isIntact: true, checkedCount: eventCount + 1 });
});

test("a change is shown wherever it is, that of the person too", async () => {
  const set = (column: string, value: string, sequence: number) =>
    `update audit_events set ${column} = ${value} where sequence = ${sequence}`;
  const late = eventCount - 3;
  expect(await brokenBy(set("action", "'test.other'", late), set("action", "'test.act'", late))).toEqual({
    sequence: String(late),
    problem: "changed-content",
  });
  expect(await brokenBy(set("actor_id", "null", 5), set("actor_id", `'${actorId}'`, 5))).toEqual({
    sequence: "5",
    problem: "changed-content",
  });
  expect((await verifyAudit(database.db)).isIntact).toBe(true);
});
