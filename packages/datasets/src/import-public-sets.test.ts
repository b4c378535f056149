import type { DatasetImage } from "@crossread/contracts/dataset-manifest";
import { join } from "node:path";
import { readFile } from "node:fs/promises";
import { encodeGrayPng } from "@crossread/dicom/png";
import { describe, expect, it } from "vitest";
import { testData } from "../../../tests/testdata.ts";
import { asSecondaryCapture, smallDicom, temporaryDirectory, writeFiles } from "../fixtures/set-files.ts";
import { readDataset } from "./dataset-directory.ts";
import { importCbisDdsm } from "./import-cbis-ddsm.ts";
import { importCmmd, parseCmmdTable } from "./import-cmmd.ts";
import { importInbreast, inbreastFinding, parseInbreastTable } from "./import-inbreast.ts";
import { LeftOutCounts } from "./import-images.ts";
import { ImportProblems } from "./import-problems.ts";

const inbreastMetadata = testData("inbreast-metadata");
const cmmdMetadata = testData("cmmd-metadata");

function withoutDigest(image: DatasetImage) {
  const { sha256: _, ...rest } = image;
  return rest;
}

function tally(values: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const value of values) counts[value] = (counts[value] ?? 0) + 1;
  return counts;
}

describe.skipIf(inbreastMetadata === undefined)("the real table of INbreast", () => {
  it("has 410 images, of which 409 are standard views and 386 tell benign or malignant", async () => {
    const leftOut = new LeftOutCounts();
    const { rowCount, rows } = await parseInbreastTable(
      join(inbreastMetadata ?? "", "INbreast.csv"),
      leftOut,
    );
    expect(rowCount).toBe(410);
    expect(leftOut.list()).toEqual([
      { rule: "Only CC and MLO are standard views, got FB", count: 1, examples: [expect.any(String)] },
    ]);
    expect(tally(rows.map(({ view }) => view))).toEqual({ CC: 203, MLO: 206 });
    expect(tally(rows.map(({ birads }) => inbreastFinding(birads, {}) ?? "left out"))).toEqual({
      normal: 67,
      benign: 219,
      malignant: 100,
      "left out": 23,
    });
    expect(
      tally(rows.map(({ birads }) => inbreastFinding(birads, { birads3: "benign" }) ?? "left out")),
    ).toEqual({
      normal: 67,
      benign: 242,
      malignant: 100,
    });
  });
});

describe.skipIf(cmmdMetadata === undefined)("the real clinical table of CMMD", () => {
  it("labels 1872 breasts of 1775 women, and 3744 images", async () => {
    const problems = new ImportProblems("refuse");
    const breasts = await parseCmmdTable(join(cmmdMetadata ?? "", "annotations.csv"), problems);
    expect(breasts.length).toBe(1872);
    expect(new Set(breasts.map(({ subjectId }) => subjectId)).size).toBe(1775);
    expect(tally(breasts.map(({ finding }) => finding))).toEqual({ benign: 556, malignant: 1316 });
    expect(tally(breasts.map(({ laterality }) => laterality))).toEqual({ L: 988, R: 884 });
    expect(tally(breasts.map(({ abnormality }) => abnormality))).toEqual({
      mass: 1149,
      calcification: 262,
      both: 461,
    });
    expect(breasts.reduce((sum, { imageCount }) => sum + imageCount, 0)).toBe(3744);
  });
});

const contour = (name: string, points: string) => `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0"><dict><key>Images</key><array><dict>
<key>ImageIndex</key><integer>0</integer><key>NumberOfROIs</key><integer>1</integer>
<key>ROIs</key><array><dict><key>Area</key><real>1.5</real><key>Name</key><string>${name}</string>
<key>NumberOfPoints</key><integer>3</integer><key>Point_px</key><array>${points}</array><key>Point_mm</key><array/></dict></array>
</dict></array></dict></plist>`;

describe("importInbreast", () => {
  const table = [
    "Patient ID;Patient age;Laterality;View;Acquisition date;File Name;ACR;Bi-Rads",
    "removed;removed;R;CC;201001;100;4;1",
    "removed;removed;L;MLO;201001;101;2;5",
    "removed;removed;L;CC;201001;102; ;3",
    "removed;removed;L;FB;201001;103;1;2",
    "removed;removed;R;MLO;201001;104;1;2",
  ].join("\r\n");
  const set = () => ({
    "INbreast.csv": table,
    "AllDICOMs/100_aa11_MG_R_CC_ANON.dcm": smallDicom({ subjectId: "x", laterality: "R", view: "CC" }),
    "AllDICOMs/101_aa11_MG_L_ML_ANON.dcm": smallDicom({ subjectId: "x", laterality: "L", view: "MLO" }),
    "AllDICOMs/102_bb22_MG_L_CC_ANON.dcm": smallDicom({ subjectId: "x", laterality: "L", view: "CC" }),
    "AllDICOMs/900_bb22_MG_L_CC_ANON.dcm": smallDicom({ subjectId: "x", laterality: "L", view: "CC" }),
    "AllXML/101.xml": contour(
      "Mass",
      "<string>(5, 6)</string><string>(9.0, 6.0)</string><string>(7, 10)</string>",
    ),
  });

  it("takes patients from file names, contours from property lists, and lists what it leaves out", async () => {
    await using source = await temporaryDirectory();
    await using out = await temporaryDirectory();
    await writeFiles(source.path, set());
    const dataset = join(out.path, "dataset");
    const { manifest, report } = await importInbreast(source.path, dataset, { onProblem: "report" });
    expect(
      manifest.images.map(({ density, finding, imageId, label, subjectId, view }) => ({
        density,
        finding,
        imageId,
        label,
        subjectId,
        view,
      })),
    ).toEqual([
      {
        density: "4",
        finding: "normal",
        imageId: "inbreast-100",
        label: "benign",
        subjectId: "inbreast-aa11",
        view: "CC",
      },
      {
        density: "2",
        finding: "malignant",
        imageId: "inbreast-101",
        label: "malignant",
        subjectId: "inbreast-aa11",
        view: "MLO",
      },
    ]);
    expect(manifest.images[1]?.lesions).toEqual([
      {
        shape: "circle",
        xPx: 7,
        yPx: 8,
        radiusPx: Math.hypot(2, 2),
        outlinePx: [
          [5, 6],
          [9, 6],
          [7, 10],
        ],
        kind: "mass",
        finding: "malignant",
      },
    ]);
    expect(manifest.acquisition).toBe("digital");
    expect(report).toMatchObject({
      rowCount: 5,
      imageCount: 2,
      subjectCount: 1,
      lesionCount: 1,
      convertedCount: 0,
    });
    expect(report.leftOut.map(({ count, rule }) => [rule, count])).toEqual([
      ["Only CC and MLO are standard views, got FB", 1],
      ["BI-RADS 3 tells neither benign nor malignant", 1],
      ["Images without a usable row in the table", 1],
    ]);
    expect(report.problems.map(({ message }) => message)).toEqual([
      expect.stringContaining("line 6 labels image 104"),
    ]);
    await readDataset(dataset, { check: "digest" });
  });

  it("stops at the first missing image unless told to go on, and at a contour outside its image", async () => {
    await using source = await temporaryDirectory();
    await using out = await temporaryDirectory();
    await writeFiles(source.path, set());
    await expect(importInbreast(source.path, join(out.path, "d"))).rejects.toThrow(/labels image 104/);
    await writeFiles(source.path, {
      "AllXML/101.xml": contour("Mass", "<string>(500, 6)</string>"),
    });
    const { report } = await importInbreast(source.path, join(out.path, "d"), { onProblem: "report" });
    expect(report.problems.map(({ message }) => message).join()).toContain("Lesions lie inside their image");
    expect(report.imageCount).toBe(1);
  });
});

describe("importCmmd", () => {
  it("labels the biopsied breast only and reads side and view from the files", async () => {
    await using source = await temporaryDirectory();
    await using out = await temporaryDirectory();
    const dicom = (laterality: "L" | "R", view: "CC" | "MLO") =>
      smallDicom({ subjectId: "whoever", laterality, view });
    await writeFiles(source.path, {
      "annotations.csv": [
        "ID1,LeftRight,Age,number,abnormality,classification,subtype",
        "D1-0001,R,44,2,calcification,Benign,",
        "D1-0002,L,40,2,mass,Malignant,Luminal A",
      ].join("\n"),
      "D1-0001/07-18-2010/1.000000/1-1.dcm": dicom("R", "CC"),
      "D1-0001/07-18-2010/1.000000/1-2.dcm": dicom("R", "MLO"),
      "D1-0001/07-18-2010/1.000000/1-3.dcm": dicom("L", "CC"),
      "D1-0002/07-18-2010/1.000000/1-1.dcm": dicom("L", "CC"),
      "D1-0002/07-18-2010/1.000000/1-2.dcm": new TextEncoder().encode("broken"),
    });
    const dataset = join(out.path, "dataset");
    const { manifest, report } = await importCmmd(source.path, dataset, { onProblem: "report" });
    expect(manifest.images.map(({ finding, imageId, view }) => [imageId, view, finding])).toEqual([
      ["cmmd-D1-0001-R-1", "CC", "benign"],
      ["cmmd-D1-0001-R-2", "MLO", "benign"],
      ["cmmd-D1-0002-L-1", "CC", "malignant"],
    ]);
    expect(report.leftOut).toEqual([
      {
        rule: "A breast without a label of its own gets none from the other breast",
        count: 1,
        examples: ["D1-0001 L"],
      },
      {
        rule: "Breasts with fewer images below the directory than the table counts",
        count: 1,
        examples: ["D1-0002 L: 1 of 2"],
      },
    ]);
    expect(report.problems.length).toBe(1);
  });
});

describe("importCbisDdsm", () => {
  const header =
    "patient_id,breast_density,left or right breast,image view,abnormality id,abnormality type,mass shape,mass margins,assessment,pathology,subtlety,image file path,cropped image file path,ROI mask file path";
  const row = (set: string, number: number, pathology: string) =>
    [
      "P_00001",
      "3",
      "LEFT",
      "CC",
      String(number),
      set === "Mass" ? "mass" : "calcification",
      "OVAL",
      "N/A",
      "4",
      pathology,
      "4",
      `${set}-Training_P_00001_LEFT_CC/1.3/1.4/000000.dcm`,
      `${set}-Training_P_00001_LEFT_CC_${number}/1.5/1.6/000001.dcm`,
      `"${set}-Training_P_00001_LEFT_CC_${number}/1.5/1.6/000000.dcm\n"`,
    ].join(",");
  const mask = async (widthPx: number, heightPx: number, box: readonly [number, number, number, number]) =>
    encodeGrayPng(
      {
        widthPx,
        heightPx,
        values: Float32Array.from({ length: widthPx * heightPx }, (_, at) => {
          const [x, y] = [at % widthPx, Math.floor(at / widthPx)];
          return x >= box[0] && x < box[2] && y >= box[1] && y < box[3] ? 1 : 0;
        }),
      },
      8,
    );

  it("joins the mass and the calcification row of one image, converts secondary captures, tells masks by size", async () => {
    await using source = await temporaryDirectory();
    await using out = await temporaryDirectory();
    const film = asSecondaryCapture(smallDicom({ subjectId: "f", laterality: "L", view: "CC" }));
    await writeFiles(source.path, {
      "mass_case_description_train_set.csv": `${header}\n${row("Mass", 1, "BENIGN_WITHOUT_CALLBACK")}`,
      "calc_case_description_train_set.csv": `${header}\n${row("Calc", 1, "MALIGNANT")}\nP_00002,3,RIGHT,MLO,1,mass,,,4,BENIGN,3,Mass-Training_P_00002_RIGHT_MLO/1/1/000000.dcm,,`,
      "CBIS-DDSM/Mass-Training_P_00001_LEFT_CC/07-20-2016-DDSM/1.0-full mammogram images/1-1.dcm": film,
      "CBIS-DDSM/Calc-Training_P_00001_LEFT_CC/07-20-2016-DDSM/1.0-full mammogram images/1-1.dcm": film,
      "CBIS-DDSM/Mass-Training_P_00001_LEFT_CC_1/x/1-1.png": await mask(6, 6, [0, 0, 6, 6]),
      "CBIS-DDSM/Mass-Training_P_00001_LEFT_CC_1/x/1-2.png": await mask(20, 24, [4, 10, 8, 16]),
    });
    const dataset = join(out.path, "dataset");
    const { manifest, report } = await importCbisDdsm(source.path, dataset, { onProblem: "report" });
    expect(manifest).toMatchObject({ source: "cbis-ddsm", acquisition: "film-digitised" });
    expect(manifest.images.map(withoutDigest)).toEqual([
      {
        imageId: "cbis-P_00001-L-CC",
        file: "images/cbis-P_00001-L-CC.png",
        subjectId: "cbis-P_00001",
        laterality: "L",
        view: "CC",
        finding: "malignant",
        label: "malignant",
        density: "3",
        lesions: [{ shape: "circle", xPx: 6, yPx: 13, radiusPx: 3, kind: "mass", finding: "benign" }],
      },
    ]);
    expect(report).toMatchObject({ rowCount: 3, imageCount: 1, convertedCount: 1, lesionCount: 1 });
    expect(report.leftOut).toEqual([
      {
        rule: "Lesions without a mask of their image's size have no mark",
        count: 1,
        examples: ["Calc-Training_P_00001_LEFT_CC_1"],
      },
    ]);
    expect(report.problems.map(({ message }) => message)).toEqual([
      expect.stringContaining("Mass-Training_P_00002_RIGHT_MLO"),
    ]);
    await readDataset(dataset, { check: "digest" });
    expect((await readFile(join(dataset, "images/cbis-P_00001-L-CC.png"))).subarray(1, 4).toString()).toBe(
      "PNG",
    );
  });
});
