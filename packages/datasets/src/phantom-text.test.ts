import { checkPixels, checkPlane } from "@crossread/dicom/deidentify/check-pixels";
import { toGrayImage } from "@crossread/dicom/presentation";
import { readInstance } from "@crossread/dicom/read-instance";
import { writeMammogram } from "@crossread/dicom/write-mammogram";
import { describe, expect, test } from "vitest";
import { generatePhantomSite } from "./phantom-cohort.ts";

const check = { fileName: "phantom", codecs: undefined, saysBurnedIn: false };

describe("phantoms", () => {
  for (const siteIndex of [0, 1, 2]) {
    test(`of site ${siteIndex + 1} are not taken for images with text, before and after presentation`, async () => {
      const suspected: string[] = [];
      for (const seed of [1, 5, 13, 21]) {
        for (const study of generatePhantomSite({ siteIndex, caseCount: 1, seed }).studies()) {
          for (const { header, pixels } of study.instances) {
            const bytes = writeMammogram(header, pixels);
            const name = `seed ${seed}, ${header.laterality} ${header.view}`;
            const shown = checkPlane(await toGrayImage(readInstance(bytes, name)));
            if ((await checkPixels(bytes, check)).status !== "clean") suspected.push(`${name} as stored`);
            if (shown.status !== "clean") suspected.push(`${name} as shown`);
          }
        }
      }
      expect(suspected).toEqual([]);
    });
  }
});
