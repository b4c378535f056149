import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { heldFinding } from "../../../tests/held-finding.ts";
import { testDatabase, type TestDatabase } from "../../../tests/test-database.ts";
import { sumHeldFiles } from "./held-room.ts";
import { dismissRefusedFiles } from "./refused-files.ts";
import { settleFiles } from "./settle-files.ts";
import { adoptStagedKeys, listStagedFiles } from "./staged-files.ts";

const now = new Date("2026-11-23T10:00:00Z");
let database: TestDatabase;
let siteId: string;
let otherSiteId: string;

beforeAll(async () => {
  database = await testDatabase();
  const site = (code: string, colourIndex: number) =>
    database.db.site.create({ data: { code, name: code, colourIndex, acquisition: "digital" } });
  siteId = (await site("north", 0)).id;
  otherSiteId = (await site("east", 1)).id;
});

afterAll(async () => {
  await database[Symbol.asyncDispose]();
});

const digestOf = (name: string) => Buffer.from(name).toString("hex").padStart(64, "0");

/** Two of them are more bytes than an INTEGER holds. */
const fileBytes = 1_500_000_000;
const limitBytes = 4_000_000_000;

/** One file that may show text, where two of three may be kept; what it has become. */
async function bring(name: string, site = siteId): Promise<string> {
  const { db } = database;
  const uploadId = randomUUID();
  const key = `uploads/${site}/${uploadId}/${name}`;
  await adoptStagedKeys(db, { siteId: site, uploadId, keys: [key] });
  const [file] = await listStagedFiles(db, { uploadId, limit: 1 });
  const keys = { blobKey: `held/${name}`, previewKey: `held/${name}.png` };
  const finding = heldFinding({ sha256: digestOf(name), sizeBytes: fileBytes }, keys);
  const found = [{ fileId: file?.fileId ?? "", finding }];
  await settleFiles(db, { siteId: site, uploadId, found, now, heldBytesLimit: limitBytes });
  const row = await db.uploadFile.findFirstOrThrow({ where: { uploadId } });
  return `${row.state} ${row.code}`;
}

const refusalOf = (name: string) =>
  database.db.refusedFile.findUniqueOrThrow({
    where: { siteId_sha256: { siteId, sha256: digestOf(name) } },
    include: { held: true },
  });

test("files that wait for a decision are kept up to the site's limit, and refused beyond it until some are settled", async () => {
  const { db } = database;
  expect([await bring("a"), await bring("b"), await bring("c")]).toEqual([
    "held suspected-text",
    "held suspected-text",
    "refused held-quota",
  ]);
  const beyond = await refusalOf("c");
  expect(beyond.held).toEqual([]);
  expect(beyond.message).toMatch(/wait for a decision .* file 00000000/);
  expect(beyond.remedy).toMatch(/send this file again/);
  // Another site has its own room.
  expect(await bring("c", otherSiteId)).toBe("held suspected-text");
  expect(await sumHeldFiles(db, { scope: [siteId] })).toEqual([
    { siteId, siteName: "north", fileCount: 2, sizeBytes: 2 * fileBytes },
  ]);

  const actor = await db.user.create({ data: { email: "c@example.org", name: "C", passwordHash: "x" } });
  const { id } = await refusalOf("a");
  await dismissRefusedFiles(db, {
    scope: [siteId],
    actorId: actor.id,
    refusedFileIds: [id],
    reason: "Not needed",
    now,
  });
  expect(await bring("c")).toBe("held suspected-text");
  expect(await refusalOf("c")).toMatchObject({ code: "suspected-text", resolvedAt: null });
});

test("files that come at the same time do not pass the limit together", async () => {
  const site = await database.db.site.create({
    data: { code: "south", name: "south", colourIndex: 2, acquisition: "digital" },
  });
  const states = await Promise.all(["1", "2", "3", "4"].map((name) => bring(name, site.id)));
  expect(states.toSorted()).toEqual([
    "held suspected-text",
    "held suspected-text",
    "refused held-quota",
    "refused held-quota",
  ]);
});
