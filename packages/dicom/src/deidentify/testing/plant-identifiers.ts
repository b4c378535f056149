/** Puts identifiers of one invented woman into every kind of place that a DICOM file has. */
import { allowListOf } from "../allow-list.ts";
import { confidentialityTable } from "../confidentiality-table.ts";
import { asciiElement, type DataElement, type DicomFile, valueBytes } from "../data-element.ts";
import { parseDicomFile } from "../parse-data-set.ts";
import { writeDicomFile } from "../write-data-set.ts";

/** Each occurs nowhere by chance; spelled as they are looked for, in any case. */
export const identifiers = [
  "Mustermann-Oberhausen",
  "Erika Walburga",
  "PID4711081542",
  "19580412",
  "+49 89 5550123",
  "Klinikum Rechts der Au",
  "Dr. Weissgerber",
  "ACC99887766",
  "erika@muster.example",
  "Lindenallee 7b",
  "KLINIKUM_AE",
  "1.2.276.0.4711081542.19580412",
] as const;

const textVrs = [
  "AE",
  "AS",
  "CS",
  "DA",
  "DS",
  "DT",
  "IS",
  "LO",
  "LT",
  "PN",
  "SH",
  "ST",
  "TM",
  "UC",
  "UI",
  "UR",
  "UT",
  "UN",
  "OB",
];
const textVrSet = new Set(textVrs);

/** Values that decide how the rest is read: an identifier is added behind them, never in their place. */
const keepsFirstValue = new Set([
  "00080016",
  "00080018",
  "0020000D",
  "0020000E",
  "00280004",
  "00280008",
  "00100020",
]);

const allIdentifiers = identifiers.join("\\");
const encode = (text: string) => new TextEncoder().encode(text);
const utf16 = (text: string) => {
  const bytes = new Uint8Array(text.length * 2);
  for (let index = 0; index < text.length; index++) bytes[index * 2] = text.charCodeAt(index);
  return bytes;
};
const bytesElement = (tag: string, vr: string, bytes: Uint8Array): DataElement => ({
  tag,
  vr,
  value: { kind: "bytes", bytes },
});

/** One element of every VR that can hold text; tags that no dictionary knows. */
function everyVr(group: string): DataElement[] {
  return textVrs.map((vr, index) =>
    bytesElement(
      `${group}F0${index.toString(16).toUpperCase().padStart(2, "0")}`,
      vr,
      encode(allIdentifiers),
    ),
  );
}

/** Every attribute of PS3.15 table E.1-1; overlays and curves in their first group. */
function everyTableRow(): DataElement[] {
  return confidentialityTable.flatMap(({ tag }) => {
    const group = Number.parseInt(tag.slice(0, 4).replace("XX", "00"), 16);
    if (tag === "PRIVATE" || group < 8 || tag.startsWith("FFF")) return [];
    const concrete = tag.startsWith("50XX") ? "50000110" : tag.replace("XX", "00");
    return [bytesElement(concrete, "LO", encode(allIdentifiers))];
  });
}

function nested(sopClassUid: string): DataElement[] {
  const someRows = everyTableRow().filter((_row, index) => index % 9 === 0);
  const item = [...everyVr("0019"), ...someRows, ...everyVr("0041")].sort(byTag);
  const deep: DataElement[] = [
    ...item,
    { tag: "00FF0010", vr: "SQ", value: { kind: "items", items: [item, item] } },
  ];
  const code = [
    asciiElement("00080100", "SH", "399162004"),
    asciiElement("00080102", "SH", "SCT"),
    asciiElement("00080104", "LO", identifiers[0]),
    ...item.filter(({ tag }) => tag > "00080104"),
  ];
  const unknownCode = [
    asciiElement("00080100", "SH", "PID4711081542"),
    asciiElement("00080102", "SH", "99LOCAL"),
    asciiElement("00080104", "LO", identifiers[5]),
  ];
  const sequences = [...(allowListOf(sopClassUid)?.values() ?? [])].filter(({ vr }) => vr === "SQ");
  return [
    ...sequences.map(({ tag, rule }): DataElement => ({
      tag,
      vr: "SQ",
      value: { kind: "items", items: rule.kind === "codes" ? [code, unknownCode] : [deep, item] },
    })),
    { tag: "00191001", vr: "SQ", value: { kind: "items", items: [deep] } },
    { tag: "00880200", vr: "SQ", value: { kind: "items", items: [item] } },
  ];
}

/** Every kept attribute that holds text, with identifiers instead of, or behind, its value. */
function keptAttributes(file: DicomFile, sopClassUid: string): DataElement[] {
  const known = new Map(file.elements.map((element) => [element.tag, element]));
  return [...(allowListOf(sopClassUid)?.values() ?? [])]
    .filter(({ vr }) => textVrSet.has(vr))
    .map(({ tag, vr }) => {
      const before = known.get(tag);
      if (!keepsFirstValue.has(tag)) return bytesElement(tag, vr, encode(allIdentifiers));
      if (tag === "00100020") return bytesElement(tag, vr, encode(identifiers[2]));
      if (before === undefined) return bytesElement(tag, vr, encode("1"));
      const first = new TextDecoder("latin1").decode(valueBytes(before)).replaceAll(/[\0 ]+$/g, "");
      // The three UIDs are mapped whole, so a UID with a birth date in it is the hardest case.
      if (vr === "UI" && tag !== "00080016")
        return bytesElement(tag, vr, encode(`${identifiers[11]}.${first.length}`));
      return bytesElement(tag, vr, encode(`${first}\\${allIdentifiers}`));
    });
}

const byTag = (first: DataElement, second: DataElement) => (first.tag < second.tag ? -1 : 1);

/** The file with identifiers everywhere; undefined for a kind of object that is not de-identified at all. */
export function plantIdentifiers(bytes: Uint8Array, fileName: string): Uint8Array | undefined {
  const file = parseDicomFile(bytes, fileName);
  const classElement = file.elements.find(({ tag }) => tag === "00080016");
  const sopClassUid = new TextDecoder().decode(valueBytes(classElement)).replaceAll("\0", "").trim();
  if (allowListOf(sopClassUid) === undefined) return undefined;
  const planted = new Map<string, DataElement>();
  const layers = [
    file.elements,
    everyTableRow(),
    everyVr("0009"),
    everyVr("0043"),
    everyVr("7FDF"),
    keptAttributes(file, sopClassUid),
    nested(sopClassUid),
    [
      bytesElement("00080005", "CS", encode("ISO_IR 100")),
      bytesElement("00090010", "LO", encode(identifiers[5])),
      bytesElement("60003000", "OW", encode(allIdentifiers)),
      bytesElement("60023000", "OW", utf16(allIdentifiers)),
      bytesElement("50003000", "OW", encode(allIdentifiers.toLowerCase())),
      bytesElement("00104000", "LT", utf16(allIdentifiers)),
      bytesElement("FFFCFFFC", "OB", encode(allIdentifiers)),
    ],
  ];
  for (const layer of layers) for (const element of layer) planted.set(element.tag, element);
  const pixels = planted.get("7FE00010");
  if (pixels !== undefined) planted.set("7FE00010", plantInPixels(pixels, file.transferSyntaxUid));
  const written = writeDicomFile({
    transferSyntaxUid: file.transferSyntaxUid,
    sopClassUid,
    sopInstanceUid: identifiers[11],
    elements: [...planted.values()].sort(byTag),
  });
  return plantOutside(written, file.transferSyntaxUid);
}

/** Behind the last pixel; in comments and application segments; behind the end of every frame. */
function plantInPixels(element: DataElement, transferSyntaxUid: string): DataElement {
  const { value } = element;
  if (value.kind === "bytes") {
    return { ...element, value: { kind: "bytes", bytes: joined(value.bytes, even(encode(allIdentifiers))) } };
  }
  if (value.kind === "items") return element;
  const { offsetTable, parts } = value.fragments;
  const isRle = transferSyntaxUid === "1.2.840.10008.1.2.5";
  const isSingle = parts.length === 1;
  const planted = parts.map((part) => {
    const withComments = isRle ? part : plantInCodestream(part, isSingle);
    return isSingle || isRle ? joined(withComments, even(encode(allIdentifiers))) : withComments;
  });
  const table = isSingle && offsetTable.length === 4 ? even(encode(allIdentifiers)) : new Uint8Array(0);
  return { ...element, value: { kind: "fragments", fragments: { offsetTable: table, parts: planted } } };
}

function plantInCodestream(frame: Uint8Array, isWhole: boolean): Uint8Array {
  const text = encode(allIdentifiers);
  const marker = frame[0] === 0xff ? frame[1] : undefined;
  if (marker === 0xd8 && isWhole) {
    const segments = [0xfe, 0xe1, 0xed, 0xef, 0xe0].map((kind) => segment(kind, text));
    return even(joined(frame.subarray(0, 2), ...segments, frame.subarray(2)));
  }
  if (marker === 0x4f && isWhole) {
    // SIZ must come first, so the comment goes behind it (ITU-T T.800 A.5.1).
    const sizEnd = 4 + frame[4]! * 256 + frame[5]!;
    const comment = segment(0x64, joined(Uint8Array.of(0, 1), text));
    return even(joined(frame.subarray(0, sizEnd), comment, frame.subarray(sizEnd)));
  }
  return frame;
}

function segment(marker: number, content: Uint8Array): Uint8Array {
  const length = content.length + 2;
  return joined(Uint8Array.of(0xff, marker, length >> 8, length & 0xff), content);
}

/** In the preamble, in the file meta information and behind the last element. */
function plantOutside(file: Uint8Array, transferSyntaxUid: string): Uint8Array {
  const metaLength = new DataView(file.buffer, file.byteOffset).getUint32(140, true);
  const metaEnd = 144 + metaLength;
  const ae = encode(identifiers[10].padEnd(16));
  const source = joined(Uint8Array.of(0x02, 0x00, 0x16, 0x00, 0x41, 0x45, ae.length, 0), ae);
  const note = even(encode(allIdentifiers));
  const information = joined(
    Uint8Array.of(0x02, 0x00, 0x02, 0x01, 0x4f, 0x42, 0, 0, note.length & 0xff, note.length >> 8, 0, 0),
    note,
  );
  const isDeflated = transferSyntaxUid === "1.2.840.10008.1.2.1.99";
  const planted = joined(
    file.subarray(0, metaEnd),
    source,
    information,
    file.subarray(metaEnd),
    isDeflated ? new Uint8Array(0) : encode(allIdentifiers),
  );
  new DataView(planted.buffer).setUint32(140, metaLength + source.length + information.length, true);
  planted.set(encode(allIdentifiers).subarray(0, 128));
  return planted;
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((total, part) => total + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}

const even = (bytes: Uint8Array) => (bytes.length % 2 === 0 ? bytes : joined(bytes, new Uint8Array(1)));
