import { decodePixelData } from "@crossread/dicom/pixel-data";
import { toGrayImage } from "@crossread/dicom/presentation";
import { readInstance } from "@crossread/dicom/read-instance";
import { writeMammogram, type MammogramHeader } from "@crossread/dicom/write-mammogram";
import { describe, expect, test, vi } from "vitest";
import { findChestWall, toDisplayImage } from "./display-image.ts";

vi.mock("./codec-files.ts", () => ({ locateWasm: (name: string) => name }));

const header: MammogramHeader = {
  subjectId: "P-1",
  studyInstanceUid: "2.25.1",
  seriesInstanceUid: "2.25.2",
  sopInstanceUid: "2.25.3",
  studyDate: "20240101",
  laterality: "R",
  view: "CC",
  widthPx: 4,
  heightPx: 1,
  bitsStored: 12,
  photometricInterpretation: "MONOCHROME2",
  windows: [{ center: 2_048, width: 4_096 }],
  imagerPixelSpacingMm: [0.07, 0.07],
  manufacturer: "M",
  manufacturerModelName: "N",
  softwareVersions: "1",
};

describe("the image on the screen", () => {
  test("keeps neighbouring 12-bit values apart and known pixels where the window puts them", async () => {
    const instance = readInstance(writeMammogram(header, Uint16Array.of(0, 2_048, 2_049, 4_095)), "x");
    const image = toDisplayImage(instance, await decodePixelData(instance));
    // LINEAR, c = 2048, w = 4096: y = (x − 2047.5) / 4095 + 0.5
    expect([...image.values]).toEqual([0, 32_776, 32_792, 65_535]);
    expect(image).toMatchObject({ rowSpacing: 0.07, chestWall: "right" });
  });

  test("is what thumbnail and model see, on 16 bits, for every stored value", async () => {
    const inverse: MammogramHeader = {
      ...header,
      widthPx: 4_096,
      photometricInterpretation: "MONOCHROME1",
      windows: [{ center: 1_900, width: 2_500 }],
    };
    const stored = Uint16Array.from({ length: 4_096 }, (_, index) => index);
    const instance = readInstance(writeMammogram(inverse, stored), "x");
    const seen = await toGrayImage(instance);
    const image = toDisplayImage(instance, await decodePixelData(instance));
    expect([...image.values]).toEqual([...seen.values].map((value) => Math.round(value * 65_535)));
  });

  test("finds the chest wall by measurement where the file does not say it", () => {
    const values = Uint16Array.of(0, 10, 70, 90);
    expect(findChestWall(undefined, { widthPx: 4, heightPx: 1, values })).toBe("right");
    expect(findChestWall(undefined, { widthPx: 4, heightPx: 1, values: values.toReversed() })).toBe("left");
    expect(findChestWall("A", { widthPx: 4, heightPx: 1, values })).toBe("left");
  });
});
