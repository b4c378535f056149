import { spawnSync } from "node:child_process";
import { resolve } from "node:path";
import { findApiToken } from "@crossread/db/api-tokens";
import { isSameHash, parseToken } from "@crossread/db/api-token-secret";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { testDatabase, type TestDatabase } from "../../../tests/test-database.ts";

const script = resolve(import.meta.dirname, "../bin/create-token.mjs");
let database: TestDatabase;

beforeAll(async () => {
  database = await testDatabase();
});

afterAll(async () => {
  await database[Symbol.asyncDispose]();
});

const createToken = (...argv: string[]) =>
  spawnSync(process.execPath, [script, ...argv], {
    encoding: "utf8",
    env: {
      ...process.env,
      DATABASE_URL: database.connectionString,
      BLOB_DIRECTORY: "unused",
      CROSSREAD_MASTER_KEY: "00".repeat(32),
    },
  });

describe("create-token", () => {
  test("prints a token that holds for its site, and needs a site and an administrator", async () => {
    const { db } = database;
    const site = await db.site.create({
      data: { code: "north", name: "North", colourIndex: 0, acquisition: "digital" },
    });
    expect(createToken("north", "PACS", "write").stderr).toMatch(/no administrator yet/);
    await db.user.create({
      data: {
        email: "a@example.org",
        name: "A",
        passwordHash: "x",
        memberships: { create: { role: "admin" } },
      },
    });
    expect(createToken("south", "PACS", "write").stderr).toMatch(/no site with the code south/);
    expect(createToken("north", "PACS", "everything").stderr).toMatch(/^Usage/);
    const made = createToken("north", "PACS", "write,read", "30");
    expect(made).toMatchObject({ status: 0, stderr: "" });
    const claim = parseToken(made.stdout.trim());
    const stored = await findApiToken(db, { tokenId: claim?.tokenId ?? "", at: new Date() });
    expect(stored).toMatchObject({ siteId: site.id, scopes: ["write", "read"] });
    expect(isSameHash(stored?.tokenHash ?? "", claim?.tokenHash ?? "-")).toBe(true);
    expect(isSameHash(stored?.tokenHash ?? "", "00".repeat(32))).toBe(false);
  });
});
