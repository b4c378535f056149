import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { sourceDigest } from "../scripts/platform/source-digest.ts";

let root: string;

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), text);
}

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "crossread-sources-"));
  await write("package-lock.json", "{}");
  await write("apps/web/src/page.tsx", "export const page = 1;");
  await write("packages/metrics/src/auc.ts", "export const auc = 1;");
  await write("prisma/schema.prisma", "// schema");
});

afterEach(async () => {
  await rm(root, { recursive: true, force: true });
});

describe("the digest of the web application's sources", () => {
  test.each([
    "apps/web/src/page.tsx",
    "packages/metrics/src/auc.ts",
    "prisma/schema.prisma",
    "package-lock.json",
  ])("changes with %s", async (path) => {
    const before = await sourceDigest(root);
    await write(path, "something else");
    expect(await sourceDigest(root)).not.toBe(before);
  });

  test.each([
    "apps/web/next-env.d.ts",
    "apps/web/.next/types/routes.d.ts",
    "apps/web/node_modules/next/package.json",
    "packages/metrics/src/auc.test.ts",
    "packages/metrics/golden/auc.json",
  ])("stays the same where %s appears, of which nothing is built", async (path) => {
    const before = await sourceDigest(root);
    await write(path, "written by a build or a test");
    expect(await sourceDigest(root)).toBe(before);
  });
});
