import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DomainError } from "@crossread/contracts/errors";
import { writeMammogram } from "@crossread/dicom/write-mammogram";
import { createRandom } from "@crossread/metrics/random";
import { pythonEnvironment } from "../env.ts";
import { compare, orAbsent, type Comparison } from "./comparison.ts";
import { startContestant } from "./contestant.ts";
import { baselineScript, findPython } from "./python.ts";
import type { BenchSettings } from "./settings.ts";
import { startNodeContestant } from "./start-node-contestant.ts";

/** DICOM bytes to the network's input, against pydicom's decoding and presentation alone. */
export async function benchIngest(settings: BenchSettings): Promise<Comparison[]> {
  const directory = await mkdtemp(join(tmpdir(), "crossread-bench-"));
  try {
    const files =
      settings.data === undefined ? await writeMammograms(directory) : await dicomFiles(settings.data);
    const origin = settings.data ?? "uncompressed 12-bit mammograms of 2560 × 3328";
    const comparison = await compare({
      title: `Decoding and preprocessing, ${files.length} files (${origin})`,
      itemsPerStep: files.length,
      itemName: "file",
      schedule: { warmUpSteps: 1, rounds: settings.rounds, blockSteps: 2 },
      ours: () =>
        startNodeContestant("Crossread, with resizing", {
          kind: "ingest",
          architecture: settings.architecture,
          files,
        }),
      baselines: [
        () =>
          orAbsent("pydicom, decoding alone", async () =>
            startContestant({
              name: "pydicom, decoding alone",
              command: findPython(["pydicom", "numpy"], ["python3-pydicom"]),
              argv: [baselineScript("pydicom_decode.py"), ...files],
              environment: pythonEnvironment(),
            }),
          ),
      ],
      onProgress: settings.onProgress,
    });
    return [comparison];
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function dicomFiles(directory: string): Promise<string[]> {
  const names = await readdir(directory);
  const files = names.filter((name) => name.toLowerCase().endsWith(".dcm")).sort();
  if (files.length === 0) throw new DomainError("file-missing", `There is no .dcm file in ${directory}.`);
  return files.map((name) => join(directory, name));
}

async function writeMammograms(directory: string): Promise<string[]> {
  const [widthPx, heightPx] = [2560, 3328];
  const files: string[] = [];
  for (const number of [1, 2]) {
    const random = createRandom(number);
    const pixels = Uint16Array.from({ length: widthPx * heightPx }, () => random.nextInt(4096));
    const bytes = writeMammogram(
      {
        subjectId: `bench-${number}`,
        studyInstanceUid: `2.25.${number}1`,
        seriesInstanceUid: `2.25.${number}2`,
        sopInstanceUid: `2.25.${number}3`,
        studyDate: "20200101",
        laterality: "L",
        view: "CC",
        widthPx,
        heightPx,
        bitsStored: 12,
        photometricInterpretation: "MONOCHROME2",
        windows: [{ center: 2048, width: 3000 }],
        imagerPixelSpacingMm: [0.07, 0.07],
        manufacturer: "Crossread",
        manufacturerModelName: "Bench",
        softwareVersions: "1",
      },
      pixels,
    );
    const file = join(directory, `mammogram-${number}.dcm`);
    await writeFile(file, bytes);
    files.push(file);
  }
  return files;
}
