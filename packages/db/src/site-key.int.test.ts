import { afterAll, beforeAll, expect, test } from "vitest";
import { testDatabase, type TestDatabase } from "../../../tests/test-database.ts";
import {
  deriveKey,
  handOutSiteKey,
  loadSiteKey,
  openSiteKey,
  parseMasterKey,
  seal,
  sealSiteKey,
  unseal,
} from "./site-key.ts";

const masterKey = new Uint8Array(32).fill(1);
let database: TestDatabase;
let siteIds: string[];

beforeAll(async () => {
  database = await testDatabase();
  const sites = await Promise.all(
    ["north", "east"].map((code, colourIndex) =>
      database.db.site.create({ data: { code, name: code, colourIndex, acquisition: "digital" } }),
    ),
  );
  siteIds = sites.map(({ id }) => id);
});

afterAll(() => database[Symbol.asyncDispose]());

test("a site gets its key at first use, once, whoever asks at the same time, and no other site's", async () => {
  const [north = "", east = ""] = siteIds;
  const asked = await Promise.all(
    Array.from({ length: 8 }, () => loadSiteKey(database.db, north, masterKey)),
  );
  expect(new Set(asked.map((key) => Buffer.from(key).toString("hex"))).size).toBe(1);
  expect(asked[0]).toHaveLength(32);
  expect(await loadSiteKey(database.db, east, masterKey)).not.toEqual(asked[0]);
  expect(await loadSiteKey(database.db, north, masterKey)).toEqual(asked[0]);
});

test("the row holds the key sealed: it opens with the master key and at its own site only", async () => {
  const [north = "", east = ""] = siteIds;
  const key = await loadSiteKey(database.db, north, masterKey);
  const row = await database.db.site.findUniqueOrThrow({ where: { id: north } });
  const sealed = row.deidentificationKey ?? new Uint8Array(0);
  expect(Buffer.from(sealed).includes(Buffer.from(key))).toBe(false);
  expect(openSiteKey(sealed, north, masterKey)).toEqual(key);
  expect(() => openSiteKey(sealed, east, masterKey)).toThrow(/does not open/);
  expect(() => openSiteKey(sealed, north, new Uint8Array(32))).toThrow(/CROSSREAD_MASTER_KEY/);
  const changed = Uint8Array.from(sealed);
  changed[20] = changed[20]! ^ 1;
  expect(() => openSiteKey(changed, north, masterKey)).toThrow(/does not open/);
  expect(sealSiteKey(key, north, masterKey)).not.toEqual(sealSiteKey(key, north, masterKey));
});

test("handing out a key is written to the audit log, the key is not", async () => {
  const [north = ""] = siteIds;
  const actor = await database.db.user.create({
    data: { email: "someone@example.org", name: "Someone", passwordHash: "-" },
  });
  const key = await handOutSiteKey(database.db, { siteId: north, actorId: actor.id, masterKey });
  const [event] = await database.db.auditEvent.findMany();
  expect(event).toMatchObject({ action: "site.deidentification-key", siteId: north, actorId: actor.id });
  const text = JSON.stringify(event, (_name, value: unknown) => (typeof value === "bigint" ? "" : value));
  expect(text).not.toContain(Buffer.from(key).toString("base64"));
});

test("a master key is 32 bytes, as hexadecimal digits or base64", () => {
  expect(parseMasterKey("0f".repeat(32))).toEqual(new Uint8Array(32).fill(15));
  expect(parseMasterKey(Buffer.alloc(32, 15).toString("base64"))).toEqual(new Uint8Array(32).fill(15));
  expect(() => parseMasterKey("secret")).toThrow(/32 bytes/);
});

test("each purpose has a key of its own: what is sealed for one does not open for another", () => {
  const purposes = ["site keys", "platform secrets", "receipt signing"];
  const keys = purposes.map((purpose) => Buffer.from(deriveKey(masterKey, purpose)).toString("hex"));
  expect(new Set([...keys, Buffer.from(masterKey).toString("hex")]).size).toBe(4);
  const secret = Uint8Array.of(1, 2, 3);
  const sealed = seal(secret, { masterKey, place: "x", purpose: "site keys" });
  expect(unseal(sealed, { masterKey, place: "x", purpose: "site keys" })).toEqual(secret);
  expect(() => unseal(sealed, { masterKey, place: "x", purpose: "platform secrets" })).toThrow(
    /authenticate/,
  );
  expect(() => unseal(sealed, { masterKey, place: "y", purpose: "site keys" })).toThrow(/authenticate/);
});
