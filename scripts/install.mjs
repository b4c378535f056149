import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

export const repositoryRoot = resolve(dirname(fileURLToPath(import.meta.url)), "..");

/**
 * Installs exactly what the lock file names and generates the Prisma client; does nothing where both are up to date.
 * @param {(title: string) => (outcome?: string) => void} report
 */
export function install(report) {
  ensure({
    stamp: join(repositoryRoot, "node_modules/.crossread-install"),
    inputs: ["package-lock.json", ".npmrc"],
    title: "Installing packages",
    report,
    run: () => {
      const npm = process.env["npm_execpath"] ?? "";
      const isScript = npm.endsWith(".js");
      const ci = ["ci", "--no-audit", "--no-fund", "--loglevel=error"];
      return spawnSync(isScript ? process.execPath : "npm", isScript ? [npm, ...ci] : ci, {
        cwd: repositoryRoot,
        stdio: ["ignore", "ignore", "inherit"],
        shell: process.platform === "win32" && !isScript,
      }).status;
    },
  });
  ensure({
    stamp: join(repositoryRoot, "packages/db/src/generated/.crossread-schema"),
    inputs: ["prisma/schema.prisma", "package-lock.json"],
    title: "Generating the database client",
    report,
    run: () =>
      spawnSync(process.execPath, ["scripts/generate-prisma.mjs", "--quiet"], {
        cwd: repositoryRoot,
        stdio: ["ignore", "ignore", "inherit"],
      }).status,
  });
}

/**
 * @param {{ stamp: string, inputs: string[], title: string, run: () => number | null,
 *   report: (title: string) => (outcome?: string) => void }} step
 */
function ensure({ stamp, inputs, title, report, run }) {
  const digest = createHash("sha256");
  for (const input of inputs) digest.update(readFileSync(join(repositoryRoot, input)));
  const wanted = digest.digest("hex");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return;
  const done = report(title);
  const status = run();
  if (status !== 0) {
    console.error(`${title} failed (exit ${status ?? "by signal"}); the lines above say why.`);
    process.exit(1);
  }
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, wanted);
  done();
}
