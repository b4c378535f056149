import { expect, test } from "vitest";
import { writeMammogram } from "../write-mammogram.ts";
import { crossreadMammography } from "./confidentiality-profile.ts";
import { deidentify } from "./deidentify.ts";

const options = {
  profile: crossreadMammography,
  siteKey: new Uint8Array(32).fill(5),
  fileName: "file",
};
const masks = [{ xPx: 1, yPx: 1, widthPx: 3, heightPx: 2 }];
const mammogram = writeMammogram(
  {
    subjectId: "4711",
    studyInstanceUid: "1.2.3",
    seriesInstanceUid: "1.2.3.1",
    sopInstanceUid: "1.2.3.1.1",
    studyDate: "20240307",
    laterality: "L",
    view: "MLO",
    widthPx: 8,
    heightPx: 12,
    bitsStored: 12,
    photometricInterpretation: "MONOCHROME2",
    windows: [{ center: 2048, width: 4096 }],
    imagerPixelSpacingMm: [0.07, 0.07],
    manufacturer: "HOLOGIC, Inc.",
    manufacturerModelName: "Selenia Dimensions",
    softwareVersions: "1",
  },
  Uint16Array.from({ length: 96 }, (_, index) => (index * 37) % 4096),
);

test("a decision about the pixels travels with the file and is known again", async () => {
  expect((await deidentify(mammogram, options)).pixelDecision).toBeUndefined();
  const allowed = await deidentify(mammogram, { ...options, arePixelsAllowed: true });
  const masked = await deidentify(mammogram, { ...options, masks });
  expect([allowed.pixelDecision, masked.pixelDecision]).toEqual(["allowed", "masked"]);
  for (const decided of [allowed, masked]) {
    const again = await deidentify(decided.bytes, options);
    expect(again.pixelDecision).toBe(decided.pixelDecision);
    expect(Buffer.from(again.bytes).equals(decided.bytes)).toBe(true);
  }
});

test("a decision counts for the pixels about which it was made, at the site that made it", async () => {
  const { bytes } = await deidentify(mammogram, { ...options, arePixelsAllowed: true });
  const changed = Uint8Array.from(bytes);
  changed[changed.length - 1] = 1;
  expect((await deidentify(changed, options)).pixelDecision).toBeUndefined();
  const elsewhere = { ...options, siteKey: new Uint8Array(32).fill(6) };
  expect((await deidentify(bytes, elsewhere)).pixelDecision).toBeUndefined();
  const maskedElsewhere = await deidentify(mammogram, { ...elsewhere, masks });
  const taken = await deidentify(maskedElsewhere.bytes, options);
  const saysMasked = (file: Uint8Array) => Buffer.from(file).includes("113101");
  expect([saysMasked(maskedElsewhere.bytes), saysMasked(taken.bytes)]).toEqual([true, false]);
  const unsaid = Buffer.from(await deidentify(mammogram, options).then((file) => file.bytes));
  expect((await deidentify(new Uint8Array(unsaid), options)).pixelDecision).toBeUndefined();
});
