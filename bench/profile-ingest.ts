/**
 * Where the worker's time goes with one image:
 * `node --initial-old-space-size=192 --import tsx bench/profile-ingest.ts [STUDIES] [PIXEL_SIZE_MM] [TRANSFER_SYNTAX]`,
 * with the collector as in the worker's processes.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { Session, type Profiler } from "node:inspector/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sha256Of } from "@crossread/storage/content";
import { createFileObjectStore } from "@crossread/storage/file-object-store";
import {
  chosenCodings,
  codingChoices,
  copyStudy,
  detectorFrame,
  makeTemplates,
} from "../apps/cli/src/bench/ingest-studies.ts";
import { ingestFile } from "../apps/worker/src/tasks/ingest-file.ts";

const studies = Number(process.argv[2] ?? "3");
const shownFunctions = 25;

const directory = await mkdtemp(join(tmpdir(), "crossread-profile-"));
const store = createFileObjectStore(directory);
const siteKey = new Uint8Array(32).fill(1);
const codings = chosenCodings(codingChoices.find((name) => name === process.argv[4]) ?? "all");
const templates = await makeTemplates(detectorFrame(Number(process.argv[3] ?? "0.1")), codings, (line) =>
  console.error(line),
);

async function ingest(study: number): Promise<number> {
  const files = copyStudy(templates, { run: 1, study });
  for (const { bytes } of files) {
    const staged = { bytes, sha256: sha256Of(bytes), name: "file", key: "uploads/file", siteKey };
    const outcome = await ingestFile(store, { ...staged, decided: undefined, pixelRules: [] });
    if (!outcome.ok) throw new Error(`${outcome.code}: ${outcome.message}`);
  }
  return files.length;
}

await ingest(0);
await ingest(1);
const session = new Session();
session.connect();
await session.post("Profiler.enable");
await session.post("Profiler.setSamplingInterval", { interval: 500 });
await session.post("Profiler.start");
const [start, cpuStart] = [performance.now(), process.cpuUsage()];
let images = 0;
for (let study = 2; study < studies + 2; study++) images += await ingest(study);
const wall = performance.now() - start;
const cpu = process.cpuUsage(cpuStart);
const { profile } = await session.post("Profiler.stop");
session.disconnect();
await rm(directory, { recursive: true, force: true });

console.log(
  `${images} images: ${(wall / images).toFixed(0)} ms each, ${((cpu.user + cpu.system) / 1_000 / images).toFixed(0)} ms of CPU with all threads`,
);
for (const [name, ms] of selfTimes(profile).slice(0, shownFunctions)) {
  console.log(
    `${((100 * ms) / wall).toFixed(1).padStart(5)} %  ${(ms / images).toFixed(1).padStart(7)} ms  ${name}`,
  );
}

/** Milliseconds by function, largest first; functions inside WebAssembly are one a module. */
function selfTimes(taken: Profiler.Profile): [string, number][] {
  const names = new Map(taken.nodes.map(({ callFrame, id }) => [id, nameOf(callFrame)]));
  const times = new Map<string, number>();
  for (const [index, id] of (taken.samples ?? []).entries()) {
    const name = names.get(id) ?? "?";
    times.set(name, (times.get(name) ?? 0) + (taken.timeDeltas?.[index] ?? 0) / 1_000);
  }
  return [...times].toSorted((a, b) => b[1] - a[1]);
}

function nameOf({ functionName, url }: { functionName: string; url: string }): string {
  if (url.startsWith("wasm:"))
    return `WebAssembly ${functionName.replace(/^wasm-function\[\d+\]$/, "codec")}`;
  const file = url.replace(/^.*\/(node_modules|packages|apps)\//, "");
  return `${functionName === "" ? "(anonymous)" : functionName} ${file}`;
}
