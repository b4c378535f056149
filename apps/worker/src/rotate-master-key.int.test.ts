import { spawnSync } from "node:child_process";
import { resolve } from "node:path";
import { extendReceipt } from "@crossread/contracts/extend-receipt";
import { loadSigningSeed, rotateMasterKey } from "@crossread/db/platform-secret";
import { toJsonColumn } from "@crossread/db/json-column";
import { deriveKey, loadSiteKey } from "@crossread/db/site-key";
import { createReceiptSigner } from "@crossread/dicom/deidentify/receipt-signature";
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
  test("takes over no signing key that did not sign the receipts that there are", async () => {
    const { db } = database;
    const [siteId = ""] = siteIds;
    const subject = await db.subject.create({ data: { siteId, pseudonym: "XR-1" } });
    const study = await db.study.create({
      data: { siteId, subjectId: subject.id, studyInstanceUid: "2.25.1" },
    });
    const now = new Date("2026-01-01");
    const head = { siteCode: "north", studyInstanceUid: "2.25.1", pseudonym: "XR-1", software: "x", now };
    const deidentification = {
      profile: "basic",
      tableVersion: "PS3.15",
      keyedDigestBefore: "b".repeat(64),
      wasOurs: false,
      pixels: "clean" as const,
      actions: [],
    };
    const file = { sopInstanceUid: "2.25.9", sha256: "a".repeat(64), sizeBytes: 1, deidentification };
    const receipt = extendReceipt(undefined, head, [file]);
    if (receipt === undefined) throw new Error("no receipt");
    const publicKeyOf = (seed: Uint8Array) => createReceiptSigner(seed).publicKey;
    const content = toJsonColumn(createReceiptSigner(deriveKey(first, "receipt signing")).sign(receipt));
    await db.deidentificationReceipt.create({ data: { studyId: study.id, content, issuedAt: now } });
    await expect(rotateMasterKey(db, { previous: second, next: third, publicKeyOf })).rejects.toThrow(
      /the key that signed the newest receipt belongs neither/,
    );
    expect(await db.platformSecret.count()).toBe(0);
  });

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
