import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
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
  execFileSync("bash", [unpack, target], { stdio: "ignore" });
  return target;
}
