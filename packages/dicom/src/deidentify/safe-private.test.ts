import { describe, expect, test } from "vitest";
import { writeMammogram } from "../write-mammogram.ts";
import { crossreadMammography, parseDeidentificationProfile } from "./confidentiality-profile.ts";
import { asciiElement, asciiValues, type DataElement, findElement } from "./data-element.ts";
import { deidentify } from "./deidentify.ts";
import { parseDicomFile } from "./parse-data-set.ts";
import { writeDicomFile } from "./write-data-set.ts";

const options = { siteKey: new Uint8Array(32).fill(4), fileName: "file" };
const retaining = parseDeidentificationProfile("crossread-mammography+retain-safe-private");

const words = (tag: string, value: number): DataElement => ({
  tag,
  vr: "US",
  value: { kind: "bytes", bytes: Uint8Array.of(value, 0) },
});

/** A mammogram with private attributes, in a transfer syntax with or without VRs. */
function mammogram(privates: readonly DataElement[], transferSyntaxUid = "1.2.840.10008.1.2.1"): Uint8Array {
  const plain = writeMammogram(
    {
      subjectId: "4711",
      studyInstanceUid: "1.2.3",
      seriesInstanceUid: "1.2.3.1",
      sopInstanceUid: "1.2.3.1.1",
      studyDate: "20240307",
      laterality: "L",
      view: "MLO",
      widthPx: 4,
      heightPx: 4,
      bitsStored: 12,
      photometricInterpretation: "MONOCHROME2",
      windows: [{ center: 2048, width: 4096 }],
      imagerPixelSpacingMm: [0.07, 0.07],
      manufacturer: "HOLOGIC, Inc.",
      manufacturerModelName: "Selenia Dimensions",
      softwareVersions: "1",
    },
    new Uint16Array(16),
  );
  const { elements } = parseDicomFile(plain, "file");
  return writeDicomFile({
    transferSyntaxUid,
    sopClassUid: asciiValues(findElement(elements, "00080016"))[0] ?? "",
    sopInstanceUid: "1.2.3.1.1",
    elements: [...elements, ...privates].sort((first, second) => (first.tag < second.tag ? -1 : 1)),
  });
}

async function privatesAfter(bytes: Uint8Array, profile = retaining) {
  const once = await deidentify(bytes, { ...options, profile });
  const again = await deidentify(once.bytes, { ...options, profile });
  expect(Buffer.from(again.bytes).equals(once.bytes)).toBe(true);
  const { elements } = parseDicomFile(once.bytes, "file");
  const found = elements.filter(({ tag }) => Number.parseInt(tag.slice(3, 4), 16) % 2 === 1);
  return {
    tags: found.map(({ tag }) => tag),
    elements: found,
    text: Buffer.from(once.bytes).toString("latin1"),
  };
}

const hologic = [
  asciiElement("00190011", "LO", "HOLOGIC, Inc."),
  asciiElement("00191116", "DS", "12.5"),
  asciiElement("00191171", "CS", "LMLO"),
  words("00191132", 87),
];

describe("the Retain Safe Private Option", () => {
  test("keeps what is on the list of its private creator, in whatever block, and says so", async () => {
    for (const transferSyntaxUid of ["1.2.840.10008.1.2.1", "1.2.840.10008.1.2"]) {
      const found = await privatesAfter(mammogram(hologic, transferSyntaxUid));
      expect(found.tags).toEqual(["00190011", "00191116", "00191132", "00191171"]);
      expect(asciiValues(found.elements[1])).toEqual(["12.5"]);
      expect(found.text).toContain("113111");
    }
    expect((await privatesAfter(mammogram(hologic), crossreadMammography)).tags).toEqual([]);
  });

  test("keeps text of a big-endian file, and no numbers, whose bytes nobody can turn around later", async () => {
    const found = await privatesAfter(mammogram(hologic, "1.2.840.10008.1.2.2"));
    expect(found.tags).toEqual(["00190011", "00191116", "00191171"]);
  });

  test("keeps nothing under another creator, under none, or of what is not on its list", async () => {
    const [creator, angle] = hologic as [DataElement, DataElement];
    const other = asciiElement(creator.tag, "LO", "HOLOGIC");
    expect((await privatesAfter(mammogram([other, angle]))).tags).toEqual([]);
    expect((await privatesAfter(mammogram([angle]))).tags).toEqual([]);
    const unlisted = asciiElement("00191187", "LO", "MARKER TEXT");
    expect((await privatesAfter(mammogram([creator, unlisted]))).tags).toEqual([]);
  });

  test("keeps no name, number or date that was put into a safe attribute", async () => {
    const planted = ["MUSTERFRAU", "47110815", "19580412"];
    const found = await privatesAfter(
      mammogram([
        asciiElement("00190011", "LO", "HOLOGIC, Inc."),
        asciiElement("00191106", "LO", "MUSTERFRAU"),
        asciiElement("00191107", "SH", "19580412"),
        asciiElement("00191116", "DS", "47110815"),
        asciiElement("00191171", "CS", "MUSTERFRAU"),
      ]),
    );
    expect(found.tags).toEqual([]);
    for (const text of planted) expect(found.text).not.toContain(text);
  });
});
