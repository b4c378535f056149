import type { DatasetImage } from "@crossread/contracts/dataset-manifest";
import { join } from "node:path";
import { encodePgm } from "@crossread/dicom/pgm";
import { describe, expect, it } from "vitest";
import { smallDicom, temporaryDirectory, writeFiles } from "../fixtures/set-files.ts";
import { assertOneAcquisitionPerSite } from "./acquisition-check.ts";
import { importCsv } from "./import-csv.ts";

function withoutDigest(image: DatasetImage) {
  const { sha256: _, ...rest } = image;
  return rest;
}

const pgm = encodePgm({ widthPx: 10, heightPx: 8, values: new Float32Array(80).fill(0.5) }, 255);

describe("importCsv", () => {
  it("reads labels, sites and several lesions a file, and names every row that it cannot use", async () => {
    await using source = await temporaryDirectory();
    await using out = await temporaryDirectory();
    await writeFiles(source.path, {
      "labels.csv": [
        "File,Patient,Laterality,View,Finding,Birads,Site,Density,X,Y,Radius,Kind",
        "a/1.pgm,P1,L,CC,malignant,,north,C,3,4,2,mass",
        "a/1.pgm,P1,L,CC,malignant,,north,C,6,2,1,calcification",
        "a/2.dcm,P1,R,MLO,,2,north,,,,,",
        "a/3.pgm,P2,R,MLO,,3,north,,,,,",
        "a/4.pgm,P2,R,MLO,unclear,,north,,,,,",
        "../5.pgm,P2,R,MLO,benign,,north,,,,,",
        "a/6.pgm,,R,MLO,benign,,north,,,,,",
        "a/1.pgm,P9,L,CC,malignant,,north,C,,,,",
        "a/2.dcm,P1,R,MLO,,2,north,,1,2,,",
        "a/7.pgm,P3,L,MLO,normal,,east,,,,,",
      ].join("\n"),
      "a/1.pgm": pgm,
      "a/2.dcm": smallDicom({ subjectId: "P1", laterality: "L", view: "MLO" }),
      "a/3.pgm": pgm,
    });
    const { manifest, report } = await importCsv(source.path, join(out.path, "d"), {
      acquisition: "digital",
      onProblem: "report",
    });
    expect(manifest.images.map(withoutDigest)).toEqual([
      {
        imageId: "a-1",
        file: "images/a-1.pgm",
        subjectId: "P1",
        siteId: "north",
        laterality: "L",
        view: "CC",
        finding: "malignant",
        label: "malignant",
        density: "C",
        lesions: [
          { shape: "circle", xPx: 3, yPx: 4, radiusPx: 2, kind: "mass", finding: "malignant" },
          { shape: "circle", xPx: 6, yPx: 2, radiusPx: 1, kind: "calcification", finding: "malignant" },
        ],
      },
    ]);
    expect(report.leftOut.map(({ rule }) => rule)).toEqual(["BI-RADS 3 tells neither benign nor malignant"]);
    const said = report.problems.map(({ message }) => message);
    expect(said.length).toBe(7);
    for (const text of [
      "line 6: finding is normal",
      "line 7: a file lies beside or below",
      "line 8: every image needs a patient",
      "line 9: a/1.pgm has an earlier row",
      "line 10: a lesion has x, y",
      "The labels call a-2 R MLO, but its file says L MLO",
      "a/7.pgm",
    ]) {
      expect(said.some((message) => message.includes(text))).toBe(true);
    }
  });

  it("refuses a set whose acquisition nobody tells, and one with both kinds at a site", async () => {
    await using source = await temporaryDirectory();
    await using out = await temporaryDirectory();
    const rows = (acquisitions: readonly string[]) =>
      [
        "file,patient,laterality,view,finding,acquisition",
        ...acquisitions.map((one, at) => `${at}.pgm,P${at},L,CC,benign,${one}`),
      ].join("\n");
    await writeFiles(source.path, { "t.csv": rows(["", "digital"]), "0.pgm": pgm, "1.pgm": pgm });
    await expect(importCsv(source.path, join(out.path, "d"))).rejects.toThrow(/say which with --acquisition/);
    await writeFiles(source.path, { "t.csv": rows(["film-digitised", "digital"]) });
    const { manifest } = await importCsv(source.path, join(out.path, "d"));
    expect(() => assertOneAcquisitionPerSite(manifest)).toThrow(/1 film-digitised and 1 digital/);
    const apart = manifest.images.map((image, at) => ({ ...image, siteId: `site-${at}` }));
    assertOneAcquisitionPerSite({ ...manifest, images: apart });
  });
});
