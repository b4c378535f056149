import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { z } from "zod";
import { quantile } from "@crossread/metrics/quantile";
import { defaultClassNames } from "@crossread/model/checkpoint";
import { initialParameters } from "@crossread/model/parameter-table";
import { requirePreset } from "../architecture-option.ts";
import { writeCheckpoint } from "../checkpoint-directory.ts";
import { codeVersion } from "../code-version.ts";
import type { Absence } from "./comparison.ts";
import type { BenchSettings } from "./settings.ts";

interface ThroughputRow {
  readonly name: string;
  readonly files: number;
  /** Medians over rounds. */
  readonly seconds: number;
  /** Files divided by the seconds of the whole command, its start included. */
  readonly wholePerSecond: number;
  /** From the first batch's end to the last's. */
  readonly steadyPerSecond: number;
}

export interface Throughput {
  readonly title: string;
  readonly rounds: number;
  readonly rows: readonly ThroughputRow[];
  readonly absent: readonly Absence[];
}

const bin = fileURLToPath(new URL("../../bin/crossread.mjs", import.meta.url));
const outputSchema = z.object({ predictions: z.array(z.unknown()), perSecond: z.number().positive() });
const outputs = [
  { name: "probability, Grad-CAM map as gray PNG", option: "--map" },
  { name: "probability, overlay PNG in the image's frame", option: "--heatmap" },
] as const;

/** `crossread predict` on a directory of images, from the start of the command to its end. */
export async function benchPredict(settings: BenchSettings): Promise<Throughput[]> {
  const { architecture, data, onProgress, rounds } = settings;
  const title = `Files to probabilities and maps, ${architecture}`;
  if (data === undefined) {
    const reason = "give a directory of PGM, PNG or DICOM files with --data DIR, such as the MIAS films.";
    return [{ title, rounds, rows: [], absent: [{ name: "images", reason }] }];
  }
  const directory = await mkdtemp(join(tmpdir(), "crossread-bench-"));
  try {
    const checkpoint = join(directory, "checkpoint");
    await writeRandomCheckpoint(checkpoint, architecture);
    const rows: ThroughputRow[] = [];
    for (const { name, option } of outputs) {
      const runs: Omit<ThroughputRow, "name">[] = [];
      for (let round = 0; round < rounds; round++) {
        const out = join(directory, `maps-${option.slice(2)}/`);
        runs.push(await timeCommand(data, ["--checkpoint", checkpoint, option, out], settings.engine));
        onProgress(`${title}: ${name}, round ${round + 1} of ${rounds}`);
      }
      const median = (value: (run: Omit<ThroughputRow, "name">) => number) => quantile(runs.map(value), 0.5);
      rows.push({
        name,
        files: runs[0]?.files ?? 0,
        seconds: median((run) => run.seconds),
        wholePerSecond: median((run) => run.wholePerSecond),
        steadyPerSecond: median((run) => run.steadyPerSecond),
      });
    }
    return [{ title, rounds, rows, absent: [] }];
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function timeCommand(
  data: string,
  options: readonly string[],
  engine: string,
): Promise<Omit<ThroughputRow, "name">> {
  const argv = [bin, "predict", data, ...options, "--engine", engine, "--json"];
  const start = performance.now();
  const { stdout } = await promisify(execFile)(process.execPath, argv, { maxBuffer: 1024 ** 3 });
  const seconds = (performance.now() - start) / 1000;
  const { perSecond, predictions } = outputSchema.parse(JSON.parse(stdout));
  const files = predictions.length;
  return { files, seconds, wholePerSecond: files / seconds, steadyPerSecond: perSecond };
}

async function writeRandomCheckpoint(directory: string, architecture: string): Promise<void> {
  const config = requirePreset(architecture);
  const seed = 42;
  await writeCheckpoint(directory, {
    config,
    parameters: initialParameters(config, seed),
    normalisation: { mean: 0.2, standardDeviation: 0.2 },
    classNames: defaultClassNames,
    lineage: {
      origin: "initial",
      parentId: null,
      round: 0,
      strategy: null,
      seed,
      cohortDigests: [],
      updates: [],
      codeVersion: codeVersion(),
      sourceSha256: null,
    },
  });
}

export function describeThroughput({ absent, rounds, rows, title }: Throughput): string {
  return [
    `${title}  (median of ${rounds} rounds)`,
    ...rows.map(
      (row) =>
        `  ${row.name}: ${row.steadyPerSecond.toFixed(1)} a second once running; ${row.files} files in ` +
        `${row.seconds.toFixed(1)} s with the start of the command, ${row.wholePerSecond.toFixed(1)} a second`,
    ),
    ...absent.map(({ name, reason }) => `  absent: ${name}: ${reason}`),
  ].join("\n");
}
