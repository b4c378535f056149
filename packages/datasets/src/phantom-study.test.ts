import { createHash } from "node:crypto";
import { decodeStored, meanOver } from "../fixtures/phantom-pixels.ts";
import { describe, expect, it } from "vitest";
import { generatePhantomSite, type PhantomSiteOptions } from "./phantom-cohort.ts";
import type { PhantomStudy } from "./phantom-study.ts";
import { findBreastRegion } from "@crossread/dicom/breast-region";

const frame = { widthPx: 240, heightPx: 300, pixelSizeMm: 1 };

function studies(options: Partial<PhantomSiteOptions> = {}): PhantomStudy[] {
  return [...generatePhantomSite({ siteIndex: 0, caseCount: 2, seed: 7, frame, ...options }).studies()];
}

const digest = (study: PhantomStudy) =>
  createHash("sha256")
    .update(JSON.stringify(study, (key, value: unknown) => (key === "pixels" ? undefined : value)))
    .update(Buffer.concat(study.instances.map(({ pixels }) => new Uint8Array(pixels.buffer))))
    .digest("hex");

describe("generatePhantomSite", () => {
  it("repeats every pixel and header for the same seed and changes them for another", () => {
    const first = studies().map(digest);
    expect(studies().map(digest)).toEqual(first);
    expect(studies({ seed: 8 }).map(digest)).not.toEqual(first);
    expect(new Set(first).size).toBe(2);
  });

  it("gives four views of one person whose pixels fit the declared bits", () => {
    for (const siteIndex of [0, 1, 2]) {
      const [study] = studies({ siteIndex, caseCount: 1 });
      expect(study?.instances.map(({ laterality, view }) => `${laterality}-${view}`)).toEqual([
        "R-CC",
        "R-MLO",
        "L-CC",
        "L-MLO",
      ]);
      for (const { header, pixels } of study?.instances ?? []) {
        expect(Math.max(...pixels)).toBeLessThan(2 ** header.bitsStored);
        expect(pixels.length).toBe(frame.widthPx * frame.heightPx);
      }
    }
  });

  it("differs between sites in depth, polarity and make", () => {
    const headers = [0, 1, 2].map(
      (siteIndex) => studies({ siteIndex, caseCount: 1 })[0]?.instances[0]?.header,
    );
    expect(headers.map((header) => [header?.bitsStored, header?.photometricInterpretation])).toEqual([
      [12, "MONOCHROME2"],
      [14, "MONOCHROME2"],
      [10, "MONOCHROME1"],
    ]);
    expect(new Set(headers.map((header) => header?.manufacturer)).size).toBe(3);
  });

  it("shows air black and puts the chest wall where laterality says, at every site", () => {
    for (const siteIndex of [0, 1, 2]) {
      for (const instance of studies({ siteIndex, caseCount: 1 }).flatMap((study) => study.instances)) {
        const image = decodeStored(instance);
        expect(findBreastRegion(image)?.chestWallSide).toBe(instance.laterality === "L" ? "left" : "right");
        const airColumn = instance.laterality === "L" ? frame.widthPx - 1 : 0;
        const air = image.values.filter((_, index) => index % frame.widthPx === airColumn);
        expect(Math.max(...air)).toBe(0);
      }
    }
  });

  it("gives the findings exactly the asked counts and keeps a malignant subject's other breast normal", () => {
    const all = studies({ caseCount: 10, malignantFraction: 0.3, benignFraction: 0.2 });
    const countOf = (wanted: string) => all.filter(({ finding }) => finding === wanted).length;
    expect(["malignant", "benign", "normal"].map(countOf)).toEqual([3, 2, 5]);
    for (const study of all) {
      const findings = study.instances.map(({ finding }) => finding);
      const affected = study.instances.filter(({ finding }) => finding !== "normal");
      expect(affected).toHaveLength(study.finding === "normal" ? 0 : 2);
      expect(new Set(affected.map(({ laterality }) => laterality)).size).toBeLessThanOrEqual(1);
      expect(findings.filter((finding) => finding === "malignant")).toHaveLength(
        study.finding === "malignant" ? 2 : 0,
      );
      for (const { finding, label, lesions } of study.instances) {
        expect(label).toBe(finding === "malignant" ? "malignant" : "benign");
        expect(lesions.length > 0).toBe(finding !== "normal");
      }
    }
  });

  it("places a lesion inside the breast at the same depth behind the nipple in both views", () => {
    const affected = studies({ caseCount: 3, malignantFraction: 1 }).flatMap(({ instances }) =>
      instances.filter(({ lesions }) => lesions.length > 0),
    );
    expect(affected).toHaveLength(6);
    for (const instance of affected) {
      const image = decodeStored(instance);
      for (const lesion of instance.lesions) {
        expect(meanOver(image, lesion, 0, 0.3)).toBeGreaterThan(0.05);
        const chestWallDistance = instance.laterality === "L" ? lesion.xPx : frame.widthPx - lesion.xPx;
        expect(chestWallDistance).toBeGreaterThan(0);
        expect(chestWallDistance).toBeLessThan(150);
      }
    }
  });

  it("makes a malignant mass denser than its surroundings, less so with difficulty", () => {
    const contrast = (difficulty: number) => {
      const differences = studies({ caseCount: 6, malignantFraction: 1, difficulty })
        .flatMap(({ instances }) => instances)
        .flatMap((instance) =>
          instance.lesions
            .filter(({ kind }) => kind === "spiculated-mass")
            .map((lesion) => {
              const image = decodeStored(instance);
              return meanOver(image, lesion, 0, 0.35) - meanOver(image, lesion, 0.9, 1.3);
            }),
        );
      expect(differences.length).toBeGreaterThan(4);
      return differences.reduce((sum, value) => sum + value, 0) / differences.length;
    };
    const easy = contrast(0);
    const hard = contrast(0.9);
    expect(easy).toBeGreaterThan(0.15);
    expect(hard).toBeLessThan(easy - 0.1);
  });

  it("refuses fractions, counts and detectors that make no sense", () => {
    expect(() => studies({ caseCount: 0 })).toThrow("caseCount must be a whole number from 1, got 0");
    expect(() => studies({ malignantFraction: 1.2 })).toThrow(
      "malignantFraction must lie in [0, 1], got 1.2",
    );
    expect(() => studies({ frame: { widthPx: 64, heightPx: 64, pixelSizeMm: 1 } })).toThrow("got 64 × 64 mm");
  });
});
