import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { writeMammogram } from "@crossread/dicom/write-mammogram";
import { afterAll, beforeAll, expect, test } from "vitest";

const bin = resolve(import.meta.dirname, "../bin/crossread.mjs");
let directory: string;

function crossread(...argv: string[]) {
  const { status, stderr, stdout } = spawnSync(process.execPath, [bin, ...argv], {
    cwd: directory,
    encoding: "utf8",
  });
  return { status, stderr, stdout };
}

function mammogram(subjectId: string, number: number): Uint8Array {
  return writeMammogram(
    {
      subjectId,
      studyInstanceUid: `1.2.3.${subjectId.length}`,
      seriesInstanceUid: `1.2.3.${subjectId.length}.1`,
      sopInstanceUid: `1.2.3.${subjectId.length}.1.${number}`,
      studyDate: "20240307",
      laterality: "L",
      view: "CC",
      widthPx: 2,
      heightPx: 2,
      bitsStored: 12,
      photometricInterpretation: "MONOCHROME2",
      windows: [{ center: 2048, width: 4096 }],
      imagerPixelSpacingMm: [0.07, 0.07],
      manufacturer: "Siemens",
      manufacturerModelName: "Mammomat Inspiration",
      softwareVersions: "VB30K",
      institutionName: "Klinikum Musterstadt",
    },
    Uint16Array.of(1, 2, 3, number),
  );
}

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "crossread-deidentify-"));
  const studies = join(directory, "in", "MUSTERFRAU^ERIKA");
  mkdirSync(studies, { recursive: true });
  writeFileSync(join(studies, "IM001"), mammogram("MUSTERFRAU-1", 1));
  writeFileSync(join(studies, "IM002.dcm"), mammogram("MUSTERFRAU-1", 2));
  writeFileSync(join(studies, "copy of IM001"), mammogram("MUSTERFRAU-1", 1));
  writeFileSync(join(directory, "in", "other.dcm"), mammogram("BEISPIEL", 1));
  writeFileSync(join(directory, "in", "notes.txt"), "no image");
});

afterAll(() => rmSync(directory, { recursive: true, force: true }));

test("deidentify writes studies with signed receipts, and verify-receipt finds what was changed", () => {
  const made = crossread("deidentify", "in", "--out", "out", "--site-key", "site.key", "--json");
  expect(made.status).toBe(0);
  const outcome = JSON.parse(made.stdout) as {
    keyOrigin: string;
    duplicateCount: number;
    files: { path: string }[];
    studies: { receipt: string; fileCount: number }[];
    refused: { file: string; code: string }[];
    publicKey: string;
  };
  expect(outcome.keyOrigin).toBe("made");
  expect(outcome.duplicateCount).toBe(1);
  expect(outcome.studies.map(({ fileCount }) => fileCount).toSorted((a, b) => a - b)).toEqual([1, 2]);
  expect(outcome.refused.map(({ file }) => file)).toEqual([join("in", "notes.txt")]);
  const written = readdirSync(join(directory, "out"), { recursive: true, withFileTypes: true }).filter(
    (entry) => entry.isFile(),
  );
  expect(written).toHaveLength(5);
  for (const entry of written) {
    const bytes = readFileSync(join(entry.parentPath, entry.name));
    for (const planted of ["MUSTERFRAU", "BEISPIEL", "Musterstadt", "IM001"]) {
      expect(bytes.includes(planted) || entry.name.includes(planted), planted).toBe(false);
    }
  }

  const again = crossread("deidentify", "in", "--out", "again", "--site-key", "site.key", "--json");
  expect((JSON.parse(again.stdout) as typeof outcome).files).toEqual(outcome.files);
  const second = crossread("deidentify", "out", "--out", "second", "--site-key", "site.key");
  expect(second.status).toBe(0);
  for (const { path } of outcome.files) {
    expect(
      readFileSync(join(directory, "second", path)).equals(readFileSync(join(directory, "out", path))),
    ).toBe(true);
  }

  const receipt = join("out", outcome.studies[0]?.receipt ?? "");
  const studyFolder = resolve(directory, receipt, "..");
  const verified = crossread(
    "verify-receipt",
    receipt,
    "--key",
    outcome.publicKey,
    "--files",
    studyFolder,
    "--json",
  );
  expect(JSON.parse(verified.stdout)).toMatchObject({ isGenuine: true, isKeyPinned: true });
  const firstOfOther = outcome.publicKey.startsWith("A") ? "B" : "A";
  const otherKey = crossread(
    "verify-receipt",
    receipt,
    "--key",
    `${firstOfOther}${outcome.publicKey.slice(1)}`,
  );
  expect([otherKey.status, otherKey.stdout]).toEqual([1, ""]);
  const tampered = readFileSync(join(directory, receipt), "utf8").replace('"X": ', '"X": 1');
  writeFileSync(join(directory, "tampered.json"), tampered);
  expect(crossread("verify-receipt", "tampered.json").status).toBe(1);
  cpSync(studyFolder, join(directory, "changed"), { recursive: true });
  const image = readdirSync(join(directory, "changed")).find((name) => name.endsWith(".dcm")) ?? "";
  writeFileSync(join(directory, "changed", image), "other bytes");
  expect(crossread("verify-receipt", receipt, "--files", "changed").stderr).toMatch(/is not the file that/);
}, 360_000);

test("deidentify overwrites nothing, and ends with exit 1 where nothing could be de-identified", () => {
  mkdirSync(join(directory, "full"));
  writeFileSync(join(directory, "full", "x"), "x");
  expect(crossread("deidentify", "in", "--out", "full")).toMatchObject({ status: 1, stdout: "" });
  expect(crossread("deidentify", join("in", "notes.txt"), "--out", "none")).toMatchObject({
    status: 1,
    stdout: "",
  });
  expect(crossread("deidentify", "in", "--out", "y", "--profile", "mine").status).not.toBe(0);
  expect(crossread("deidentify", "in").status).toBe(2);
}, 360_000);
