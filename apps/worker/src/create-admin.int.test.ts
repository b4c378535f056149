import { spawnSync } from "node:child_process";
import { resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { testDatabase, type TestDatabase } from "../../../tests/test-database.ts";

const script = resolve(import.meta.dirname, "../bin/create-admin.mjs");
let database: TestDatabase;

beforeAll(async () => {
  database = await testDatabase();
});

afterAll(async () => {
  await database[Symbol.asyncDispose]();
});

function createAdmin(password: string, ...argv: string[]) {
  return spawnSync(process.execPath, [script, ...argv], {
    input: `${password}\n`,
    encoding: "utf8",
    env: {
      ...process.env,
      DATABASE_URL: database.connectionString,
      BLOB_DIRECTORY: "unused",
      CROSSREAD_MASTER_KEY: "00".repeat(32),
    },
  });
}

describe("create-admin", () => {
  test("makes a platform administrator once and refuses the second of the same address", async () => {
    expect(createAdmin("a long enough password", "first@example.org", "First")).toMatchObject({ status: 0 });
    const again = createAdmin("a long enough password", "first@example.org", "First");
    expect(again).toMatchObject({ status: 1, stderr: expect.stringMatching(/exists already/) as string });
    const users = await database.db.user.findMany({ include: { memberships: true } });
    expect(users).toHaveLength(1);
    expect(users[0]).toMatchObject({ isDemo: false, memberships: [{ role: "admin", siteId: null }] });
    expect(users[0]?.passwordHash).toMatch(/^\$argon2id\$/);
  });

  test("refuses a short password and a missing name with one sentence", () => {
    expect(createAdmin("short", "second@example.org", "Second").stderr).toMatch(
      /at least 12 characters, got 5/,
    );
    expect(createAdmin("a long enough password", "second@example.org").stderr).toMatch(/^Usage/);
  });
});
