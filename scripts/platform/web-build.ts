import { existsSync } from "node:fs";
import { cp, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { startChild, type Child } from "./child.ts";
import { StartRefusal } from "./options.ts";
import { sourceDigest } from "./source-digest.ts";

export interface WebBuildOptions {
  readonly root: string;
  readonly logFile: string;
  readonly onChild: (child: Child) => void;
}

const require = createRequire(import.meta.url);

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
