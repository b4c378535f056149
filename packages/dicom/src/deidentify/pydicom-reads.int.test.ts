import { spawnSync } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { isDomainError } from "@crossread/contracts/errors";
import { describe, expect, test } from "vitest";
import { testData } from "../../../../tests/testdata.ts";
import { crossreadMammography } from "./confidentiality-profile.ts";
import { deidentify } from "./deidentify.ts";

const python = "/usr/bin/python3";
const hasPydicom = spawnSync(python, ["-c", "import pydicom, numpy"]).status === 0;
const hasDcmdump = spawnSync("dcmdump", ["--version"]).status === 0;
const script = fileURLToPath(new URL("../../golden/deidentify/compare-pixels.py", import.meta.url));
const directory = testData("transfer-syntaxes");

interface Pair {
  readonly before: string;
  readonly after: string;
}

async function deidentifyAll(folder: string, target: string): Promise<Pair[]> {
  await mkdir(target, { recursive: true });
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  const pairs: Pair[] = [];
  for (const entry of entries.filter((one) => one.isFile())) {
    const before = join(entry.parentPath, entry.name);
    const bytes = new Uint8Array(await readFile(before));
    try {
      const siteKey = new Uint8Array(32).fill(1);
      const file = await deidentify(bytes, { profile: crossreadMammography, siteKey, fileName: "file" });
      const after = join(target, `${pairs.length}-${basename(before)}`);
      await writeFile(after, file.bytes);
      pairs.push({ before, after });
    } catch (error) {
      if (!isDomainError(error)) throw error;
    }
  }
  return pairs;
}

describe.skipIf(directory === undefined || !hasPydicom || !hasDcmdump)("de-identified files", () => {
  test("are read by pydicom with the same pixels, and by dcmdump without a complaint", async () => {
    const target = await mkdtemp(join(tmpdir(), "crossread-deidentified-"));
    const pairs = await deidentifyAll(directory ?? "", target);
    const argv = pairs.flatMap(({ before, after }) => [before, after]);
    const compared = spawnSync(python, [script, ...argv], { encoding: "utf8" });
    const outcome = JSON.parse(compared.stdout) as { pairs: number; decoded: number; problems: unknown[] };
    expect(outcome.problems).toEqual([]);
    expect(outcome.pairs).toBeGreaterThan(90);
    expect(outcome.decoded).toBeGreaterThan(60);
    const dumped = spawnSync("dcmdump", ["-q", ...pairs.map(({ after }) => after)], {
      encoding: "utf8",
      maxBuffer: 64 * 1024 * 1024,
    });
    expect([dumped.status, dumped.stderr]).toEqual([0, ""]);
    await rm(target, { recursive: true });
  });
});
