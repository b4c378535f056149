import { isDomainError } from "@crossread/contracts/errors";
import { createRandom } from "@crossread/metrics/random";
import { describe, expect, it } from "vitest";
import { goldenFiles } from "../fixtures/golden-files.ts";
import { malformedFiles } from "../fixtures/malformed-files.ts";
import { mutatedBytes } from "../fixtures/mutated-bytes.ts";
import { plainFile } from "../fixtures/raw-file.ts";
import type { GrayImage } from "./gray-image.ts";
import { assertMammogram } from "./mammography-rules.ts";
import { toGrayImage } from "./presentation.ts";
import { readInstance } from "./read-instance.ts";

/** What every way in does with a file. */
async function readMammogram(bytes: Uint8Array): Promise<GrayImage> {
  const instance = readInstance(bytes, "a.dcm");
  assertMammogram(instance);
  return toGrayImage(instance);
}

async function outcomeOf(bytes: Uint8Array): Promise<"an image" | "a refusal" | Error> {
  try {
    const { heightPx, values, widthPx } = await readMammogram(bytes);
    const isSound = values.length === widthPx * heightPx && values.every((value) => value >= 0 && value <= 1);
    return isSound ? "an image" : new Error("an image of another size or range");
  } catch (error) {
    if (isDomainError(error)) return "a refusal";
    return error instanceof Error ? error : new Error(String(error));
  }
}

describe("malformed files", () => {
  const files = malformedFiles();

  it("are many and each one of its own", () => {
    expect(files.length).toBeGreaterThanOrEqual(300);
    expect(new Set(files.map(({ name }) => name)).size).toBe(files.length);
  });

  it("are made from a file that is read", async () => {
    expect(await outcomeOf(plainFile())).toBe("an image");
    for (const { bytes } of goldenFiles()) expect(await outcomeOf(bytes)).toBe("an image");
  });

  it("all end in a refusal, each within twenty seconds", async () => {
    const wrong: string[] = [];
    for (const { name, bytes } of files) {
      const start = performance.now();
      const outcome = await outcomeOf(bytes);
      if (outcome !== "a refusal") wrong.push(`${name}: ${String(outcome)}`);
      if (performance.now() - start > 20_000) wrong.push(`${name}: took ${performance.now() - start} ms`);
    }
    expect(wrong).toEqual([]);
  }, 240_000);
});

describe("mutated files", () => {
  const runCount = Number(process.env["CROSSREAD_FUZZ_RUNS"] ?? 1500);

  it(`end in an image or a refusal, ${runCount} of them`, async () => {
    const bases = [plainFile(), ...goldenFiles().map(({ bytes }) => bytes)];
    const random = createRandom(Number(process.env["CROSSREAD_FUZZ_SEED"] ?? 1));
    const counts = { "an image": 0, "a refusal": 0 };
    const wrong: string[] = [];
    for (let run = 0; run < runCount; run++) {
      const bytes = mutatedBytes(bases[run % bases.length]!, random.fork(`file ${run}`));
      const start = performance.now();
      const outcome = await outcomeOf(bytes);
      if (outcome instanceof Error) wrong.push(`run ${run}: ${outcome.message}`);
      else counts[outcome] += 1;
      const tookMs = performance.now() - start;
      if (tookMs > 20_000) wrong.push(`run ${run} took ${tookMs} ms`);
    }
    expect(wrong).toEqual([]);
    expect(Math.min(...Object.values(counts))).toBeGreaterThan(runCount / 20);
  }, 3_600_000);
});
