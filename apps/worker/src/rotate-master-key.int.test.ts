import { spawnSync } from "node:child_process";
import { resolve } from "node:path";
import { loadSigningSeed } from "@crossread/db/platform-secret";
import { deriveKey, loadSiteKey } from "@crossread/db/site-key";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { testDatabase, type TestDatabase } from "../../../tests/test-database.ts";

const script = resolve(import.meta.dirname, "../bin/rotate-master-key.mjs");
const keys = [1, 2, 3].map((fill) => new Uint8Array(32).fill(fill));
const [first, second, third] = keys as [Uint8Array, Uint8Array, Uint8Array];
let database: TestDatabase;
let siteIds: string[];

beforeAll(async () => {
  database = await testDatabase();
  const sites = ["north", "east", "south"].map((code, colourIndex) =>
    database.db.site.create({ data: { code, name: code, colourIndex, acquisition: "digital" } }),
  );
  siteIds = (await Promise.all(sites)).map(({ id }) => id);
});

afterAll(() => database[Symbol.asyncDispose]());

const rotate = (previous: Uint8Array | undefined, next: Uint8Array) =>
  spawnSync(process.execPath, [script], {
    encoding: "utf8",
    env: {
      ...process.env,
      DATABASE_URL: database.connectionString,
      BLOB_DIRECTORY: "unused",
      CROSSREAD_MASTER_KEY: Buffer.from(next).toString("hex"),
      CROSSREAD_MASTER_KEY_PREVIOUS: previous === undefined ? "" : Buffer.from(previous).toString("base64"),
    },
  });

const sealedKeys = async () =>
  (await database.db.site.findMany({ orderBy: { id: "asc" } })).map(({ deidentificationKey }) =>
    deidentificationKey === null ? null : Buffer.from(deidentificationKey).toString("hex"),
  );

describe("rotate-master-key", () => {
  test("seals every key anew, changes none of them, and can be run again", async () => {
    const { db } = database;
    const [north = "", east = "", south = ""] = siteIds;
    const before = [await loadSiteKey(db, north, first), await loadSiteKey(db, east, first)];
    const signing = await loadSigningSeed(db, first);
    expect(signing).toEqual(deriveKey(first, "receipt signing"));

    expect(rotate(first, second)).toMatchObject({
      status: 0,
      stdout: "2 site keys and the key that signs receipts are sealed under the new master key.\n",
    });
    expect([await loadSiteKey(db, north, second), await loadSiteKey(db, east, second)]).toEqual(before);
    expect(await loadSigningSeed(db, second)).toEqual(signing);
    await expect(loadSiteKey(db, north, first)).rejects.toMatchObject({ code: "site-key-unreadable" });
    await expect(loadSigningSeed(db, first)).rejects.toMatchObject({ code: "site-key-unreadable" });

    const sealed = await sealedKeys();
    expect(rotate(first, second).stdout).toMatch(/already/);
    expect(await sealedKeys()).toEqual(sealed);
    await loadSiteKey(db, south, second);
    expect(rotate(second, third)).toMatchObject({ status: 0 });
    expect(await loadSigningSeed(db, third)).toEqual(signing);
    expect(await db.auditEvent.count({ where: { action: "platform.rotate-master-key" } })).toBe(2);
  });

  test("refuses wrong keys in one sentence and changes nothing, not even what it could", async () => {
    const { db } = database;
    const [north = ""] = siteIds;
    // One of three keys is of another master key.
    const odd = await db.site.create({
      data: { code: "odd", name: "odd", colourIndex: 9, acquisition: "digital" },
    });
    await loadSiteKey(db, odd.id, first);
    const sealed = await sealedKeys();
    const refused = rotate(third, second);
    expect(refused).toMatchObject({ status: 1, stdout: "" });
    expect(refused.stderr).toBe(
      "Nothing was changed: the key of site odd belongs neither to CROSSREAD_MASTER_KEY_PREVIOUS nor to CROSSREAD_MASTER_KEY.\n",
    );
    expect(await sealedKeys()).toEqual(sealed);
    expect(await loadSiteKey(db, north, third)).toHaveLength(32);
    expect(rotate(undefined, second).stderr).toMatch(/^rotate-master-key needs/);
    expect(rotate(third, third).stderr).toMatch(/must differ/);
  });
});
