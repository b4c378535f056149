import { expect, test } from "vitest";
import { writeMammogram } from "../write-mammogram.ts";
import { crossreadMammography } from "./confidentiality-profile.ts";
import { deidentify } from "./deidentify.ts";
import { previewDeidentification } from "./preview-deidentification.ts";

test("the preview shows old and new values in groups, and gives the same file as the real thing", async () => {
  const bytes = writeMammogram(
    {
      subjectId: "4711",
      studyInstanceUid: "1.2.3",
      seriesInstanceUid: "1.2.3.1",
      sopInstanceUid: "1.2.3.1.1",
      studyDate: "20240307",
      laterality: "R",
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
    Uint16Array.of(1, 2, 3, 4),
  );
  const options = {
    profile: crossreadMammography,
    siteKey: new Uint8Array(32).fill(9),
    fileName: "x",
  };
  const preview = await previewDeidentification(bytes, options);
  const real = await deidentify(bytes, options);
  expect(preview.bytes).toEqual(real.bytes);
  const find = (tag: string) =>
    preview.groups
      .flatMap(({ attributes, kind }) => attributes.map((attribute) => ({ kind, ...attribute })))
      .find((attribute) => attribute.tag === tag);
  expect(find("00080080")).toEqual({
    kind: "removed",
    tag: "00080080",
    keyword: "InstitutionName",
    name: "Institution Name",
    action: "X",
    reason: "identifying by PS3.15 table E.1-1",
    oldValue: "Klinikum Musterstadt",
    newValue: "",
  });
  expect(find("00100020")).toMatchObject({
    kind: "replaced",
    name: "Patient ID",
    oldValue: "4711",
    newValue: real.pseudonym,
  });
  expect(find("00181020")).toMatchObject({ kind: "kept", name: "Software Versions", oldValue: "VB30K" });
  expect(find("00280011")).toMatchObject({ kind: "kept", name: "Columns", oldValue: "2", newValue: "2" });
  expect(JSON.stringify(real.actions)).not.toMatch(/4711|Musterstadt/);
});
