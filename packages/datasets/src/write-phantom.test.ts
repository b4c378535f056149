import { mkdtemp, readFile, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readImageFile } from "@crossread/dicom/image-file";
import { describe, expect, it } from "vitest";
import { decodeStored } from "../fixtures/phantom-pixels.ts";
import { imagePath, readDataset } from "./dataset-directory.ts";
import { generatePhantomSite } from "./phantom-cohort.ts";
import { writePhantom } from "./write-phantom.ts";

const frame = { widthPx: 240, heightPx: 300, pixelSizeMm: 1 };
const options = { siteCount: 3, caseCount: 1, seed: 11, malignantFraction: 1, frame };

describe("writePhantom", () => {
  it("writes a dataset whose DICOM files show what was generated, and the same bytes again", async () => {
    const root = await mkdtemp(join(tmpdir(), "crossread-phantom-"));
    try {
      const directory = join(root, "phantom");
      const progress: number[] = [];
      const manifest = await writePhantom(directory, {
        ...options,
        onProgress: ({ done }) => progress.push(done),
      });
      expect(progress).toEqual([1, 2, 3]);
      expect(manifest.images).toHaveLength(12);
      expect(manifest.images[1]).toMatchObject({
        imageId: "P1-0001-R-MLO",
        file: "site-1/P1-0001/R-MLO.dcm",
        siteId: "site-1",
        laterality: "R",
        view: "MLO",
      });
      const dataset = await readDataset(directory, { check: "digest" });
      expect(dataset.manifest).toEqual(manifest);

      for (const siteIndex of [0, 1, 2]) {
        const [study] = generatePhantomSite({ ...options, siteIndex }).studies();
        for (const [index, instance] of (study?.instances ?? []).entries()) {
          const image = manifest.images[4 * siteIndex + index]!;
          const read = await readImageFile(await readFile(imagePath(dataset, image)), image.file);
          if (read.kind !== "dicom") throw new Error("a phantom is DICOM");
          expect(read.instance).toMatchObject({ laterality: image.laterality, view: image.view });
          const expected = decodeStored(instance);
          let worst = 0;
          read.gray.values.forEach(
            (value, at) => (worst = Math.max(worst, Math.abs(value - expected.values[at]!))),
          );
          expect(worst).toBeLessThan(1e-6);
        }
      }

      const digests = manifest.images.map(({ sha256 }) => sha256);
      const again = await writePhantom(directory, options);
      expect(again.images.map(({ sha256 }) => sha256)).toEqual(digests);
      expect(await readdir(root)).toEqual(["phantom"]);
    } finally {
      await rm(root, { recursive: true });
    }
  });

  it("refuses zero sites", async () => {
    await expect(writePhantom(join(tmpdir(), "unused"), { ...options, siteCount: 0 })).rejects.toMatchObject({
      code: "plan-invalid",
    });
  });
});
