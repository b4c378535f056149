import { afterAll, beforeAll, expect, test } from "vitest";
import { testDatabase, type TestDatabase } from "../../../tests/test-database.ts";
import { countSiteTasks } from "./overview.ts";
import { loadSite } from "./sites.ts";

let world: TestDatabase;

beforeAll(async () => {
  world = await testDatabase();
});

afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

test("a refused file waits for its site until it is mended or dismissed", async () => {
  const { db } = world;
  const { id: siteId } = await db.site.create({
    data: { code: "north", name: "North Hospital", colourIndex: 0, acquisition: "synthetic" },
  });
  const refused = { siteId, sizeBytes: 1, code: "conflict", message: "No.", remedy: "Yes." };
  const at = new Date("2026-01-02T03:04:05Z");
  await db.refusedFile.createMany({
    data: [
      { ...refused, sha256: "open" },
      { ...refused, sha256: "mended", resolvedAt: at },
      { ...refused, sha256: "dismissed", dismissedAt: at, dismissReason: "Not needed." },
    ],
  });
  expect(await countSiteTasks(db, "all")).toMatchObject({ openRefusedFileCount: 1 });
  expect(await loadSite(db, siteId)).toMatchObject({ openRefusedFileCount: 1 });
});
