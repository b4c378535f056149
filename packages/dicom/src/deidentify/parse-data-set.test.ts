import { describe, expect, test } from "vitest";
import { crossreadMammography } from "./confidentiality-profile.ts";
import { asciiElement, type DataElement, sequenceElement } from "./data-element.ts";
import { deidentify } from "./deidentify.ts";
import { parseDicomFile } from "./parse-data-set.ts";
import { findIdentifiers } from "./testing/find-identifiers.ts";
import { writeDicomFile } from "./write-data-set.ts";

const sopClassUid = "1.2.840.10008.5.1.4.1.1.1.2";
const options = { profile: crossreadMammography, siteKey: new Uint8Array(32).fill(5), fileName: "file" };
const explicit = "1.2.840.10008.1.2.1";

function file(elements: readonly DataElement[], transferSyntaxUid = explicit): Uint8Array<ArrayBuffer> {
  const base = [
    asciiElement("00080016", "UI", sopClassUid),
    asciiElement("00080018", "UI", "1.2.3"),
    asciiElement("0020000D", "UI", "1.2.1"),
    asciiElement("0020000E", "UI", "1.2.2"),
  ];
  const own = new Map([...base, ...elements].map((element) => [element.tag, element]));
  return writeDicomFile({
    transferSyntaxUid,
    sopClassUid,
    sopInstanceUid: "1.2.3",
    elements: [...own.values()].sort((first, second) => (first.tag < second.tag ? -1 : 1)),
  });
}

const bytes = (tag: string, vr: string, content: Uint8Array): DataElement => ({
  tag,
  vr,
  value: { kind: "bytes", bytes: content },
});
const hex = (text: string) => Uint8Array.from(Buffer.from(text.replaceAll(" ", ""), "hex"));

describe("a patient's number", () => {
  test("gives one pseudonym in any repertoire, spelling and transfer syntax", async () => {
    const latin1 = [
      asciiElement("00080005", "CS", "ISO_IR 100"),
      bytes("00100020", "LO", hex("4D FC 6C 6C 65 72 2D 31")),
    ];
    const utf8 = [
      asciiElement("00080005", "CS", "ISO_IR 192"),
      bytes("00100020", "LO", new TextEncoder().encode(" müller-1")),
    ];
    const extended = [
      asciiElement("00080005", "CS", "\\ISO 2022 IR 100"),
      bytes("00100020", "LO", hex("4D FC 6C 6C 65 72 2D 31")),
    ];
    const results = await Promise.all([
      deidentify(file(latin1), options),
      deidentify(file(utf8), options),
      deidentify(file(extended), options),
      deidentify(file(latin1, "1.2.840.10008.1.2"), options),
      deidentify(file(latin1, "1.2.840.10008.1.2.2"), options),
      deidentify(file(latin1, "1.2.840.10008.1.2.1.99"), options),
    ]);
    expect(new Set(results.map(({ pseudonym }) => pseudonym)).size).toBe(1);
    const other = await deidentify(
      file([...latin1, asciiElement("00100021", "LO", "ANOTHER HOSPITAL")]),
      options,
    );
    expect(other.pseudonym).not.toBe(results[0]?.pseudonym);
  });

  test("must be there, and so must the UIDs", async () => {
    await expect(deidentify(file([]), options)).rejects.toMatchObject({ code: "patient-id-missing" });
    const id = asciiElement("00100020", "LO", "1");
    const noStudy = file([id, asciiElement("0020000D", "UI", "Mustermann")]);
    await expect(deidentify(noStudy, options)).rejects.toMatchObject({ code: "uid-missing" });
    await expect(deidentify(noStudy, options)).rejects.not.toThrow(/Mustermann/);
  });
});

describe("a sequence that a file hides as UN", () => {
  // (0010,0010) PN "Mustermann" in Implicit VR Little Endian, as one item of undefined length.
  const item = `FEFF00E0 FFFFFFFF 10001000 0A000000 ${Buffer.from("Mustermann").toString("hex")} FEFF0DE0 00000000 FEFFDDE0 00000000`;

  test("is understood and cleaned, at a known place and at an unknown one", async () => {
    for (const tag of ["00081140", "00291010"]) {
      const known = file([asciiElement("00100020", "LO", "1"), bytes(tag, "UN", new Uint8Array(0))]);
      const place = Buffer.from(known).indexOf(
        Buffer.from(`${tag.slice(2, 4)}${tag.slice(0, 2)}${tag.slice(6)}${tag.slice(4, 6)}554e`, "hex"),
      );
      const planted = new Uint8Array(
        Buffer.concat([known.subarray(0, place + 8), hex("FFFFFFFF"), hex(item), known.subarray(place + 12)]),
      );
      const parsed = parseDicomFile(planted, "file").elements.find((element) => element.tag === tag);
      expect(parsed?.value.kind).toBe("items");
      expect(findIdentifiers(planted, ["Mustermann"])).toEqual(["Mustermann"]);
      const { bytes: output } = await deidentify(planted, options);
      expect(findIdentifiers(output, ["Mustermann"])).toEqual([]);
    }
  });
});

describe("a broken file", () => {
  const whole = file([
    asciiElement("00100020", "LO", "1"),
    sequenceElement("00540220", [[asciiElement("00080100", "SH", "399162004")]]),
    bytes("00280010", "US", hex("0200")),
    bytes("00280011", "US", hex("0200")),
    bytes("00280100", "US", hex("0800")),
    bytes("7FE00010", "OB", hex("01020304")),
  ]);

  test("ends in a refusal wherever it is cut, and names nothing of what it holds", async () => {
    const codes = new Set<string>();
    for (let length = 0; length < whole.length; length++) {
      const outcome = await deidentify(whole.subarray(0, length), options).then(
        () => "accepted",
        (error: unknown) => (error instanceof Error && "code" in error ? String(error.code) : "crashed"),
      );
      codes.add(outcome);
    }
    expect([...codes].filter((code) => code === "crashed")).toEqual([]);
    expect(codes).toContain("image-truncated");
  });

  test("does not nest without end", async () => {
    let deep = [asciiElement("00080100", "SH", "1")];
    for (let depth = 0; depth < 40; depth++) deep = [sequenceElement("00291010", [deep])];
    const nested = file([asciiElement("00100020", "LO", "1"), ...deep]);
    await expect(deidentify(nested, options)).rejects.toMatchObject({ code: "image-unreadable" });
  });
});
