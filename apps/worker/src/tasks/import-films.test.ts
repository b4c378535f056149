import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { importCsv } from "@crossread/datasets/import-csv";
import { writeMammogram } from "@crossread/dicom/write-mammogram";
import { createRandom } from "@crossread/metrics/random";
import { createFileObjectStore } from "@crossread/storage/file-object-store";
import { afterAll, beforeAll, expect, test } from "vitest";
import { importFilms } from "./import-films.ts";
import type { TaskEvent } from "./task-contracts.ts";

let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "crossread-imported-"));
});
afterAll(async () => {
  await rm(directory, { recursive: true, force: true });
});

const [widthPx, heightPx] = [96, 120];

function dicom(number: number, laterality: "L" | "R", view: "CC" | "MLO"): Uint8Array {
  const random = createRandom(number);
  return writeMammogram(
    {
      subjectId: "whoever",
      studyInstanceUid: `2.25.${number}1`,
      seriesInstanceUid: `2.25.${number}2`,
      sopInstanceUid: `2.25.${number}3`,
      studyDate: "20100101",
      laterality,
      view,
      widthPx,
      heightPx,
      bitsStored: 12,
      photometricInterpretation: "MONOCHROME2",
      windows: [{ center: 2048, width: 4096 }],
      imagerPixelSpacingMm: [0.5, 0.5],
      manufacturer: "Crossread",
      manufacturerModelName: "Test",
      softwareVersions: "1",
    },
    Uint16Array.from({ length: widthPx * heightPx }, (_, at) =>
      at % widthPx < 60 ? 2000 + random.nextInt(900) : 0,
    ),
  );
}

test("takes an imported dataset: its sites in order, the gravest finding of a breast, its pixel spacing", async () => {
  const source = join(directory, "own");
  await mkdir(source);
  const rows = ["file,patient,laterality,view,finding,site,x,y,radius,kind"];
  const images = [
    ["P1", "L", "CC", "benign", "west"],
    ["P1", "L", "MLO", "malignant", "west"],
    ["P1", "R", "CC", "normal", "west"],
    ["P2", "R", "MLO", "benign", "coast"],
  ] as const;
  for (const [at, [patient, laterality, view, finding, site]] of images.entries()) {
    await writeFile(join(source, `${at}.dcm`), dicom(at + 1, laterality, view));
    rows.push(
      `${at}.dcm,${patient},${laterality},${view},${finding},${site},${at === 1 ? "30,40,5,mass" : ",,,"}`,
    );
  }
  await writeFile(join(source, "labels.csv"), rows.join("\n"));
  const dataset = join(directory, "dataset");
  await importCsv(source, dataset, { acquisition: "digital" });

  const events: TaskEvent<"import-films">[] = [];
  const store = createFileObjectStore(join(directory, "blobs"));
  const context = { store, emit: async (event: TaskEvent<"import-films">) => void events.push(event) };
  const input = { dataset: { kind: "imported", directory: dataset }, siteCount: 3, seed: 1 } as const;
  await importFilms(input, context);
  expect(
    events.map(({ siteIndex, study }) => ({
      siteIndex,
      findings: study.findings,
      files: study.files.map(({ file, lesions }) => [
        file.laterality,
        file.view,
        file.imagerPixelSpacingMm,
        lesions.length,
      ]),
    })),
  ).toEqual([
    {
      siteIndex: 1,
      findings: [
        { laterality: "L", finding: "malignant" },
        { laterality: "R", finding: "normal" },
      ],
      files: [
        ["L", "CC", 0.5, 0],
        ["L", "MLO", 0.5, 1],
        ["R", "CC", 0.5, 0],
      ],
    },
    { siteIndex: 0, findings: [{ laterality: "R", finding: "benign" }], files: [["R", "MLO", 0.5, 0]] },
  ]);
  await expect(importFilms({ ...input, siteCount: 1 }, context)).rejects.toThrow(/at most 1 of them/);
});
