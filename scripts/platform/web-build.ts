import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { cp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { startChild, type Child } from "./child.ts";
import { StartRefusal } from "./options.ts";

export interface WebBuildOptions {
  readonly root: string;
  readonly logFile: string;
  readonly onChild: (child: Child) => void;
}

const require = createRequire(import.meta.url);
const sourceFolders = ["apps/web", "packages", "prisma"];
const skippedNames = new Set(["node_modules", ".next", "golden", "e2e", ".turbo"]);

export const standaloneServer = (root: string): string =>
  join(root, "apps/web/.next/standalone/apps/web/server.js");

/** True where the last build was made from exactly these sources. */
export async function isWebBuildCurrent(root: string): Promise<boolean> {
  const stamp = join(root, "apps/web/.next/crossread-build");
  return existsSync(stamp) && (await readFile(stamp, "utf8")) === (await sourceDigest(root));
}

export async function buildWeb(options: WebBuildOptions): Promise<void> {
  const digest = await sourceDigest(options.root);
  const cwd = join(options.root, "apps/web");
  const next = join(dirname(require.resolve("next/package.json", { paths: [cwd] })), "dist/bin/next");
  const child = startChild({
    name: "web build",
    argv: [next, "build", "--webpack"],
    cwd,
    env: { NODE_ENV: "production", NEXT_TELEMETRY_DISABLED: "1", SKIP_ENV_VALIDATION: "" },
    logFile: options.logFile,
  });
  options.onChild(child);
  const exit = await child.ended;
  if (exit !== 0)
    throw new StartRefusal(`The web application did not build (${exit}); see ${options.logFile}.`);
  const output = join(cwd, ".next/standalone/apps/web");
  await rm(join(output, ".next/static"), { recursive: true, force: true });
  await cp(join(cwd, ".next/static"), join(output, ".next/static"), { recursive: true });
  if (existsSync(join(cwd, "public"))) {
    await cp(join(cwd, "public"), join(output, "public"), { recursive: true });
  }
  await writeFile(join(cwd, ".next/crossread-build"), digest);
}

async function sourceDigest(root: string): Promise<string> {
  const digest = createHash("sha256").update(await readFile(join(root, "package-lock.json")));
  for (const folder of sourceFolders) await addFolder(digest, join(root, folder));
  return digest.digest("hex");
}

async function addFolder(digest: ReturnType<typeof createHash>, folder: string): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true });
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (skippedNames.has(entry.name)) continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await addFolder(digest, path);
    else if (!/\.(test|spec)\.tsx?$/.test(entry.name)) digest.update(path).update(await readFile(path));
  }
}
