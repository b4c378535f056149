import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { GrayImage } from "@crossread/dicom/gray-image";
import { encodePgm } from "@crossread/dicom/pgm";
import { describe, expect, it } from "vitest";
import { testData } from "../../../tests/testdata.ts";
import { readDataset } from "./dataset-directory.ts";
import { importMias } from "./import-mias.ts";

async function temporaryDirectory() {
  const path = await mkdtemp(join(tmpdir(), "crossread-mias-"));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

/** Half-disc of tissue on the given side. */
function film(chestWallSide: "left" | "right"): GrayImage {
  const sizePx = 96;
  const values = Float32Array.from({ length: sizePx * sizePx }, (_, index) => {
    const x = index % sizePx;
    const y = Math.floor(index / sizePx);
    const fromWall = chestWallSide === "left" ? x : sizePx - 1 - x;
    return Math.hypot(fromWall, y - sizePx / 2) < 40 ? 0.6 : 0.02;
  });
  return { widthPx: sizePx, heightPx: sizePx, values };
}

const labelRows = [
  "INFORMATION: prose before the rows",
  "mdb001 G CIRC B 60 30 9",
  "mdb001 G SPIC M 70 40 5",
  "mdb002 G NORM ",
  "mdb003 D CALC B *NOTE 3*",
  "mdb004 D NORM",
];

async function writeFixture(directory: string, labels: readonly string[] = labelRows): Promise<void> {
  await mkdir(join(directory, "pgm"), { recursive: true });
  await writeFile(join(directory, "Info.txt"), labels.join("\n"));
  for (const number of [1, 2, 3, 4]) {
    const image = encodePgm(film(number % 2 === 1 ? "right" : "left"), 255);
    await writeFile(join(directory, "pgm", `mdb00${number}.pgm`), image);
  }
}

describe("importMias", () => {
  it("pairs films, counts y from the top, and lets one malignant row make the label", async () => {
    await using work = await temporaryDirectory();
    await writeFixture(join(work.path, "source"));
    const out = join(work.path, "dataset");
    const { manifest, report } = await importMias(join(work.path, "source"), out);
    expect(manifest.images).toEqual([
      {
        sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
        imageId: "mdb001",
        file: "images/mdb001.pgm",
        subjectId: "mias-001",
        laterality: "R",
        view: "MLO",
        label: "malignant",
        finding: "malignant",
        density: "G",
        lesions: [
          { shape: "circle", xPx: 60, yPx: 66, radiusPx: 9, kind: "circumscribed-mass", finding: "benign" },
          { shape: "circle", xPx: 70, yPx: 56, radiusPx: 5, kind: "spiculated-mass", finding: "malignant" },
        ],
      },
      expect.objectContaining({
        imageId: "mdb002",
        subjectId: "mias-001",
        laterality: "L",
        finding: "normal",
      }),
      expect.objectContaining({ imageId: "mdb003", subjectId: "mias-002", finding: "benign", lesions: [] }),
      expect.objectContaining({ imageId: "mdb004", subjectId: "mias-002", density: "D" }),
    ]);
    expect(report).toEqual({
      rowCount: 5,
      imageCount: 4,
      subjectCount: 2,
      findings: { normal: 2, benign: 1, malignant: 1 },
      mixedSeverityImages: ["mdb001"],
      imagesWithoutCoordinates: ["mdb003"],
      unpairedSubjects: [],
      sideDisagreements: [],
      problems: [],
    });
    expect((await readDataset(out, { check: "digest" })).manifest).toEqual(manifest);
  });

  it("gives the same manifest again, replaces the earlier dataset and leaves the source alone", async () => {
    await using work = await temporaryDirectory();
    const source = join(work.path, "source");
    await writeFixture(join(source, "mias"));
    const out = join(work.path, "dataset");
    await importMias(source, out);
    const first = await readFile(join(out, "dataset.json"), "utf8");
    await writeFile(join(out, "stray.txt"), "left over");
    await importMias(source, out);
    expect(await readFile(join(out, "dataset.json"), "utf8")).toBe(first);
    expect((await readdir(out)).sort()).toEqual(["dataset.json", "images"]);
    expect(await readdir(join(source, "mias", "pgm"))).toHaveLength(4);
    expect(await readdir(work.path)).toEqual(["dataset", "source"]);
  });

  const wrongInputs: [string, (source: string) => Promise<void>, string, RegExp][] = [
    [
      "a text file as image",
      (source) => writeFile(join(source, "pgm/mdb002.pgm"), "hello"),
      "image-unreadable",
      /PGM file starts with P2 or P5.*mdb002\.pgm/,
    ],
    [
      "a truncated PGM",
      async (source) => {
        const path = join(source, "pgm/mdb002.pgm");
        await writeFile(path, (await readFile(path)).subarray(0, 5000));
      },
      "image-truncated",
      /mdb002\.pgm needs 9216 bytes, but 49\d\d are there/,
    ],
    [
      "a label row for a missing image",
      (source) => rm(join(source, "pgm/mdb004.pgm")),
      "file-missing",
      /line 6 labels mdb004/,
    ],
    [
      "an image without a label row",
      (source) => writeFixture(source, labelRows.slice(0, 5)),
      "label-invalid",
      /mdb004\.pgm has none/,
    ],
    [
      "a wrong label row",
      (source) => writeFixture(source, [...labelRows, "mdb005 Q NORM"]),
      "label-invalid",
      /line 7: tissue/,
    ],
    [
      "a lesion outside its image",
      (source) => writeFixture(source, [...labelRows.slice(0, 5), "mdb004 D CIRC B 500 20 4"]),
      "label-invalid",
      /line 6: the centre \(500, 20\) lies outside mdb004 of 96 × 96/,
    ],
    [
      "a stranger among the images",
      (source) => writeFile(join(source, "pgm/copy of mdb001.pgm"), "P5"),
      "dataset-invalid",
      /has copy of mdb001\.pgm/,
    ],
  ];

  it.each(wrongInputs)("refuses %s and leaves nothing behind", async (_name, spoil, code, message) => {
    await using work = await temporaryDirectory();
    const source = join(work.path, "source");
    await writeFixture(source);
    await spoil(source);
    const attempt = importMias(source, join(work.path, "dataset"));
    await expect(attempt).rejects.toMatchObject({ code, message: expect.stringMatching(message) as string });
    expect(await readdir(work.path)).toEqual(["source"]);
  });

  it("lists every file that it could not use when asked to report", async () => {
    await using work = await temporaryDirectory();
    const source = join(work.path, "source");
    await writeFixture(source, [...labelRows, "mdb009 F NORM"]);
    await writeFile(join(source, "pgm/mdb002.pgm"), "hello");
    const { report, manifest } = await importMias(source, join(work.path, "dataset"), {
      onProblem: "report",
    });
    expect(report.problems.map(({ code }) => code)).toEqual(["file-missing", "image-unreadable"]);
    expect(report.unpairedSubjects).toEqual(["mias-001"]);
    expect(manifest.images.map(({ imageId }) => imageId)).toEqual(["mdb001", "mdb003", "mdb004"]);
  });

  it("reports a film whose chest wall is on the other side than its number says", async () => {
    await using work = await temporaryDirectory();
    const source = join(work.path, "source");
    await writeFixture(source);
    await writeFile(join(source, "pgm/mdb003.pgm"), encodePgm(film("left"), 255));
    const { report } = await importMias(source, join(work.path, "dataset"));
    expect(report.sideDisagreements).toEqual(["mdb003"]);
  });

  it("refuses a missing directory, a foreign output directory and an output around the source", async () => {
    await using work = await temporaryDirectory();
    const source = join(work.path, "source");
    await writeFixture(source);
    await expect(importMias(join(work.path, "none"), join(work.path, "out"))).rejects.toMatchObject({
      code: "directory-missing",
    });
    await expect(importMias(join(source, "pgm"), join(work.path, "out"))).rejects.toMatchObject({
      code: "file-missing",
    });
    await mkdir(join(work.path, "thesis"));
    await writeFile(join(work.path, "thesis/chapter.txt"), "years of work");
    await expect(importMias(source, join(work.path, "thesis"))).rejects.toMatchObject({
      code: "dataset-invalid",
    });
    expect(await readFile(join(work.path, "thesis/chapter.txt"), "utf8")).toBe("years of work");
    await expect(importMias(source, work.path)).rejects.toMatchObject({ code: "usage" });
  });
});

const realMias = testData("mias");
describe.skipIf(realMias === undefined)("importMias on the real mini-MIAS", () => {
  it("accounts for all 330 rows and 322 films", async () => {
    await using work = await temporaryDirectory();
    const { manifest, report } = await importMias(realMias ?? "", join(work.path, "dataset"));
    expect(report).toEqual({
      rowCount: 330,
      imageCount: 322,
      subjectCount: 161,
      // 51 malignant films and mdb144, which has a benign and a malignant row.
      findings: { normal: 207, benign: 63, malignant: 52 },
      mixedSeverityImages: ["mdb144"],
      imagesWithoutCoordinates: ["mdb059", "mdb216", "mdb233", "mdb245"],
      unpairedSubjects: [],
      // Seen by eye: both breasts fill their films and lie as their numbers say; the measurement errs.
      sideDisagreements: ["mdb151", "mdb152"],
      problems: [],
    });
    expect(manifest.images.find(({ imageId }) => imageId === "mdb005")?.lesions).toEqual([
      { shape: "circle", xPx: 477, yPx: 891, radiusPx: 30, kind: "circumscribed-mass", finding: "benign" },
      { shape: "circle", xPx: 500, yPx: 856, radiusPx: 26, kind: "circumscribed-mass", finding: "benign" },
    ]);
  });
});
