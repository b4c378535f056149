import { readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** Name and version of what made a checkpoint. */
export function codeVersion(): string {
  const directory = resolve(dirname(fileURLToPath(import.meta.url)), "..");
  const parsed: unknown = JSON.parse(readFileSync(join(directory, "package.json"), "utf8"));
  const version =
    typeof parsed === "object" && parsed !== null && "version" in parsed ? String(parsed.version) : "unknown";
  return `crossread ${version}`;
}
