import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const repositoryRoot = resolve(dirname(fileURLToPath(import.meta.url)), "..");

/** Directory of the named real test data, or undefined where neither CROSSREAD_TESTDATA nor ../shared/data exists. */
export function testData(
  name:
    "mias" | "efficientnet-b0" | "mammography" | "transfer-syntaxes" | "inbreast-metadata" | "cmmd-metadata",
): string | undefined {
  const root = findRoot();
  if (root === undefined) return undefined;
  const directory = join(root, name);
  return existsSync(directory) ? directory : undefined;
}

function findRoot(): string | undefined {
  const configured = process.env["CROSSREAD_TESTDATA"];
  if (configured !== undefined && configured !== "") return configured;
  const archives = resolve(repositoryRoot, "../shared/data");
  const unpack = join(archives, "unpack");
  if (!existsSync(unpack)) return undefined;
  const target = join(repositoryRoot, ".cache/testdata");
  // Whole or not at all: a test beside this one must not find half of it.
  if (existsSync(target)) execFileSync("bash", [unpack, target], { stdio: "ignore" });
  else unpackNew(unpack, target);
  return target;
}

function unpackNew(unpack: string, target: string): void {
  mkdirSync(dirname(target), { recursive: true });
  const fresh = mkdtempSync(`${target}-`);
  execFileSync("bash", [unpack, fresh], { stdio: "ignore" });
  try {
    renameSync(fresh, target);
  } catch (error) {
    // Another test was faster.
    rmSync(fresh, { recursive: true, force: true });
    if (!existsSync(target)) throw error;
  }
}
