/** Looks at every malformed file as the worker does, and says after each one how much memory the process had at most. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createFileObjectStore } from "../packages/storage/src/file-object-store.ts";
import { sha256Of } from "../packages/storage/src/content.ts";
import { malformedFiles } from "../packages/dicom/fixtures/malformed-files.ts";
import { ingestFile } from "../apps/worker/src/tasks/ingest-file.ts";

export interface InspectedFile {
  readonly name: string;
  readonly outcome: string;
  /** Resident memory before, and at most while the file was looked at. */
  readonly beforeBytes: number;
  readonly peakBytes: number;
}

/** "5" sets the peak back to what is resident now (proc_pid_clear_refs(5)). */
const forgetPeak = () => writeFile("/proc/self/clear_refs", "5");

async function residentBytes(field: "VmRSS" | "VmHWM"): Promise<number> {
  const status = await readFile("/proc/self/status", "utf8");
  return Number(new RegExp(`${field}:\\s+(\\d+) kB`).exec(status)?.[1]) * 1024;
}

const directory = await mkdtemp(join(tmpdir(), "crossread-malformed-"));
try {
  const store = createFileObjectStore(directory);
  const siteKey = new Uint8Array(32).fill(1);
  for (const { bytes, name } of malformedFiles()) {
    await forgetPeak();
    const beforeBytes = await residentBytes("VmRSS");
    const staged = { bytes, sha256: sha256Of(bytes), name: "file", key: "uploads/file", siteKey };
    const found = await ingestFile(store, { ...staged, decided: undefined, pixelRules: [] });
    const inspected: InspectedFile = {
      name,
      outcome: found.ok ? "accepted" : found.code,
      beforeBytes,
      peakBytes: await residentBytes("VmHWM"),
    };
    process.send?.(inspected);
  }
} finally {
  await rm(directory, { recursive: true, force: true });
}
