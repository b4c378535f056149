import type { Membership } from "@crossread/contracts/role";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { testDatabase, type TestDatabase } from "../../../../../tests/test-database.ts";

vi.mock("server-only", () => ({}));
vi.mock("../services.ts", () => ({}));
vi.mock("../../env.ts", () => ({ env: () => ({ CROSSREAD_MASTER_KEY: "0a".repeat(32) }) }));

const { createCaller } = await import("../root.ts");

let database: TestDatabase;
let north: string;
let east: string;

beforeAll(async () => {
  database = await testDatabase();
  const create = (code: string, colourIndex: number) =>
    database.db.site.create({ data: { code, name: code, colourIndex, acquisition: "digital" } });
  north = (await create("north", 0)).id;
  east = (await create("east", 1)).id;
});

afterAll(() => database[Symbol.asyncDispose]());

async function callerWith(memberships: Membership[]) {
  const user = await database.db.user.create({
    data: { email: `${crypto.randomUUID()}@example.org`, name: "Someone", passwordHash: "-" },
  });
  return createCaller({
    actor: { userId: user.id, name: user.name, email: user.email, memberships },
    db: database.web,
    queue: () => Promise.reject(new Error("no queue is needed")),
  });
}

describe("a site's key", () => {
  test("goes to a coordinator of that site, the same every time", async () => {
    const caller = await callerWith([{ role: "coordinator", siteId: north }]);
    const first = await caller.deidentification.siteKey({ siteId: north });
    expect(Buffer.from(first.siteKey, "base64")).toHaveLength(32);
    expect(await caller.deidentification.siteKey({ siteId: north })).toEqual(first);
    expect(await database.db.auditEvent.count({ where: { action: "site.deidentification-key" } })).toBe(2);
  });

  test("goes to nobody else: not to another site's coordinator, nor to the administrators", async () => {
    const others: Membership[][] = [
      [{ role: "coordinator", siteId: east }],
      [{ role: "coordinator", siteId: null }],
      [{ role: "admin", siteId: null }],
      [{ role: "admin", siteId: north }],
      [
        { role: "admin", siteId: north },
        { role: "coordinator", siteId: east },
      ],
    ];
    for (const memberships of others) {
      const caller = await callerWith(memberships);
      await expect(caller.deidentification.siteKey({ siteId: north })).rejects.toMatchObject({
        code: "FORBIDDEN",
      });
    }
  });

  test("is not handed out without end", async () => {
    const caller = await callerWith([{ role: "coordinator", siteId: north }]);
    for (let request = 0; request < 30; request++) await caller.deidentification.siteKey({ siteId: north });
    await expect(caller.deidentification.siteKey({ siteId: north })).rejects.toMatchObject({
      code: "TOO_MANY_REQUESTS",
    });
  });
});
