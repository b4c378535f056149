import { describe, expect, test } from "vitest";
import { writeMammogram, type MammogramHeader } from "../write-mammogram.ts";
import { readInstance } from "../read-instance.ts";
import { crossreadMammography, parseDeidentificationProfile } from "./confidentiality-profile.ts";
import { asciiElement, asciiValues, type DataElement, firstAscii } from "./data-element.ts";
import type { PixelRegion } from "./deidentified-file.ts";
import { deidentify } from "./deidentify.ts";
import { parseDicomFile } from "./parse-data-set.ts";
import { writeDicomFile } from "./write-data-set.ts";

const siteKey = Uint8Array.from({ length: 32 }, (_, index) => index * 7 + 1);
const otherKey = Uint8Array.from({ length: 32 }, (_, index) => index * 5 + 3);
const options = { profile: crossreadMammography, siteKey, fileName: "case.dcm" };

function mammogram(change: Partial<MammogramHeader> = {}): Uint8Array<ArrayBuffer> {
  const pixels = Uint16Array.from({ length: 12 * 8 }, (_, index) => (index * 37) % 4096);
  return writeMammogram(
    {
      subjectId: "4711-08 15",
      studyInstanceUid: "1.2.276.0.19580412.1",
      seriesInstanceUid: "1.2.276.0.19580412.1.1",
      sopInstanceUid: "1.2.276.0.19580412.1.1.1",
      studyDate: "20240307",
      laterality: "L",
      view: "MLO",
      widthPx: 8,
      heightPx: 12,
      bitsStored: 12,
      photometricInterpretation: "MONOCHROME2",
      windows: [{ center: 2048, width: 4096, explanation: "NORMAL" }],
      imagerPixelSpacingMm: [0.07, 0.07],
      manufacturer: "HOLOGIC, Inc.",
      manufacturerModelName: "Selenia Dimensions",
      softwareVersions: "AWS:1.10.1.5",
      kvp: 29,
      compressionForceN: 110,
      bodyPartThicknessMm: 52,
      patientAgeYears: 58,
      patientSex: "F",
      ...change,
    },
    pixels,
  );
}

/** The file with one more attribute, or another value of one. */
function withElement(bytes: Uint8Array, added: DataElement): Uint8Array {
  const { elements, transferSyntaxUid } = parseDicomFile(bytes, "file");
  return writeDicomFile({
    transferSyntaxUid,
    sopClassUid: firstAscii(elements, "00080016") ?? "",
    sopInstanceUid: firstAscii(elements, "00080018") ?? "",
    elements: [...elements.filter(({ tag }) => tag !== added.tag), added].sort((first, second) =>
      first.tag < second.tag ? -1 : 1,
    ),
  });
}

const days = (date: string | undefined) =>
  Date.parse(`${date?.slice(0, 4)}-${date?.slice(4, 6)}-${date?.slice(6, 8)}T00:00:00Z`) / 86_400_000;

describe("de-identification", () => {
  test("keeps what reading, the model and the analysis of fairness need, and the pixels bit for bit", async () => {
    const before = readInstance(mammogram(), "case.dcm");
    const { bytes, pseudonym } = await deidentify(mammogram(), options);
    const after = readInstance(bytes, "case.dcm");
    expect(pseudonym).toMatch(/^XR-[0-9A-HJKMNP-TV-Z]{12}$/);
    const {
      studyInstanceUid: _study,
      seriesInstanceUid: _series,
      sopInstanceUid: _sop,
      studyDate: _date,
      patientId: _id,
      pixel,
      ...kept
    } = before;
    expect(after).toMatchObject({
      ...kept,
      manufacturer: "HOLOGIC Inc.",
      patientId: pseudonym,
      pixel: { ...pixel, encoded: { kind: "native", isBigEndian: false } },
    });
    expect([...after.pixel.encoded.bytes]).toEqual([...pixel.encoded.bytes]);
  });

  test("gives the same bytes for the same file, and again when it is given its own output", async () => {
    const once = await deidentify(mammogram(), options);
    const again = await deidentify(mammogram(), { ...options, fileName: "another name" });
    const twice = await deidentify(once.bytes, options);
    expect(again.bytes).toEqual(once.bytes);
    expect(twice.bytes).toEqual(once.bytes);
    expect([once.wasOurs, twice.wasOurs]).toEqual([false, true]);
    expect(once.fileName).toBe(`${once.sopInstanceUid}.dcm`);
  });

  test("gives one woman one pseudonym however her number was typed, and keeps the interval between her studies", async () => {
    const first = await deidentify(mammogram(), options);
    const nextYear = await deidentify(
      mammogram({
        subjectId: " 4711-08  15 ",
        studyInstanceUid: "1.2.3.1",
        seriesInstanceUid: "1.2.3.1.1",
        sopInstanceUid: "1.2.3.1.1.1",
        studyDate: "20250312",
      }),
      options,
    );
    expect(nextYear.pseudonym).toBe(first.pseudonym);
    expect(nextYear.studyInstanceUid).not.toBe(first.studyInstanceUid);
    const dates = [first, nextYear].map(({ bytes }) => readInstance(bytes, "x").studyDate);
    expect(days(dates[1]) - days(dates[0])).toBe(days("20250312") - days("20240307"));
    expect(days("20240307") - days(dates[0])).toBeGreaterThanOrEqual(1);
    expect(days("20240307") - days(dates[0])).toBeLessThanOrEqual(730);
  });

  test("lets no other site link the same file", async () => {
    const here = await deidentify(mammogram(), options);
    const there = await deidentify(mammogram(), { ...options, siteKey: otherKey });
    const names = (file: typeof here) => [
      file.pseudonym,
      file.studyInstanceUid,
      file.seriesInstanceUid,
      file.sopInstanceUid,
      readInstance(file.bytes, "x").studyDate,
    ];
    expect(names(here).filter((name) => names(there).includes(name))).toEqual([]);
    const taken = await deidentify(here.bytes, { ...options, siteKey: otherKey });
    expect(taken.wasOurs).toBe(false);
    expect(taken.pseudonym).not.toBe(here.pseudonym);
  });

  test("does not believe a file that only says that its identity was removed", async () => {
    const { bytes } = await deidentify(mammogram(), options);
    const text = new TextDecoder("latin1").decode(bytes);
    const mac = text.indexOf("mac:");
    const forged = Uint8Array.from(bytes);
    forged[mac + 5] = forged[mac + 5] === 0x41 ? 0x42 : 0x41;
    expect((await deidentify(forged, options)).wasOurs).toBe(false);
  });

  test("takes over UIDs of its own making only, also in a file of its own that was added to", async () => {
    const { bytes, sopInstanceUid } = await deidentify(mammogram(), options);
    const added = withElement(bytes, asciiElement("00200052", "UI", "1.2.276.0.19580412.9"));
    const again = await deidentify(added, options);
    expect([again.wasOurs, again.sopInstanceUid]).toEqual([true, sopInstanceUid]);
    expect(Buffer.from(again.bytes).includes("19580412")).toBe(false);
  });

  test("keeps the UIDs under the Retain UIDs Option, and no number of the patient", async () => {
    const retaining = { ...options, profile: parseDeidentificationProfile("basic+retain-uids") };
    const kept = await deidentify(mammogram(), retaining);
    const before = readInstance(mammogram(), "x");
    expect(kept).toMatchObject({
      studyInstanceUid: before.studyInstanceUid,
      seriesInstanceUid: before.seriesInstanceUid,
      sopInstanceUid: before.sopInstanceUid,
    });
    expect(Buffer.from(kept.bytes).includes("4711-08")).toBe(false);
  });

  test("does not call clean what says that something is burned in, until that is masked", async () => {
    const annotated = withElement(mammogram(), asciiElement("00280301", "CS", "YES"));
    const statusOf = async (masks: readonly PixelRegion[]) =>
      (await deidentify(annotated, { ...options, pixels: "check", masks })).pixels.status;
    expect(await statusOf([])).toBe("suspected-text");
    expect(await statusOf([{ xPx: 0, yPx: 0, widthPx: 3, heightPx: 2 }])).toBe("clean");
  });
});

describe("what is not known", () => {
  test("never becomes what is accepted: another view and another part of the body stay others", async () => {
    const text = (bytes: Uint8Array, from: string, to: string) => {
      const changed = Buffer.from(bytes);
      changed.set(Buffer.from(to), changed.indexOf(from));
      return new Uint8Array(changed);
    };
    const otherView = await deidentify(text(mammogram(), "399368009", "399368111"), options);
    expect(readInstance(otherView.bytes, "x").view).toBeUndefined();
    const otherPart = await deidentify(text(mammogram(), "76752008", "76752111"), options);
    expect(readInstance(otherPart.bytes, "x").isOtherAnatomy).toBe(true);
    const axilla = await deidentify(text(mammogram(), "BREAST", "AXILLA"), options);
    expect(readInstance(axilla.bytes, "x").bodyPart).toBe("OTHER");
  });

  test("is not kept behind the number that an attribute holds, nor under its tag a second time", async () => {
    const number: DataElement = {
      tag: "00280106",
      vr: "US",
      value: { kind: "bytes", bytes: Buffer.from("MUSTERFRAU") },
    };
    const hidden = await deidentify(withElement(mammogram(), number), options);
    expect(Buffer.from(hidden.bytes).includes("MUSTERFRAU")).toBe(false);
    // A kilovoltage with a telephone number for its last digits.
    const long = withElement(mammogram(), asciiElement("00180060", "DS", "29.00000000000000047110815"));
    expect(Buffer.from((await deidentify(long, options)).bytes).includes("47110815")).toBe(false);
    const { elements, transferSyntaxUid } = parseDicomFile(mammogram(), "file");
    const repeated = elements.flatMap((element) =>
      element.tag === "00080070" ? [element, asciiElement("00080070", "LO", "SIEMENS")] : [element],
    );
    const { sopClassUid, sopInstanceUid } = await deidentify(mammogram(), options);
    const twice = await deidentify(
      writeDicomFile({ transferSyntaxUid, sopClassUid, sopInstanceUid, elements: repeated }),
      options,
    );
    const kept = parseDicomFile(twice.bytes, "file").elements.filter(({ tag }) => tag === "00080070");
    expect(kept.map((element) => asciiValues(element))).toEqual([["HOLOGIC Inc."]]);
    expect(twice.actions.filter(({ tag }) => tag === "00080070").map(({ action }) => action)).toEqual([
      "C",
      "X",
    ]);
  });
});
