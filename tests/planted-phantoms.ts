import { generatePhantomSite } from "@crossread/datasets/phantom-cohort";
import { asciiElement, type DataElement } from "@crossread/dicom/deidentify/data-element";
import { parseDicomFile } from "@crossread/dicom/deidentify/parse-data-set";
import { identifiers } from "@crossread/dicom/deidentify/testing/plant-identifiers";
import { writeDicomFile } from "@crossread/dicom/deidentify/write-data-set";
import { writeMammogram } from "@crossread/dicom/write-mammogram";

export interface PlantedPhantoms {
  /** Mammograms full of identifiers of one invented woman: four studies of four views. */
  readonly files: readonly Uint8Array<ArrayBuffer>[];
  readonly identifiers: readonly string[];
}

/** Images that can be read, unlike those in which every attribute is overwritten; others for every seed. */
export function plantedPhantoms(seed: number): PlantedPhantoms {
  const site = generatePhantomSite({
    siteIndex: 0,
    caseCount: 4,
    seed,
    frame: { widthPx: 300, heightPx: 375, pixelSizeMm: 0.8 },
  });
  const studies = [...site.studies()].map(({ instances }) =>
    instances.map(({ header, pixels }) => new Uint8Array(writeMammogram(header, pixels))),
  );
  return {
    files: studies.flatMap((views, study) =>
      views.map((bytes, view) => plant(bytes, `${identifiers[11]}.${seed}.${study}`, view)),
    ),
    identifiers,
  };
}

const [
  familyName,
  givenNames,
  patientId,
  birthDate,
  phone,
  hospital,
  doctor,
  accession,
  mail,
  street,
  station,
] = identifiers;
const all = identifiers.join(" ");
const person = `${familyName}^${givenNames}`;

const bytesElement = (tag: string, vr: string): DataElement => {
  const bytes = new TextEncoder().encode(all.length % 2 === 0 ? all : `${all} `);
  return { tag, vr, value: { kind: "bytes", bytes } };
};

function plant(bytes: Uint8Array, studyUid: string, view: number): Uint8Array<ArrayBuffer> {
  const file = parseDicomFile(bytes, "phantom");
  const elements = new Map(file.elements.map((element) => [element.tag, element]));
  const sopInstanceUid = `${studyUid}.1.${view}`;
  const nested = [
    asciiElement("00080050", "SH", accession),
    asciiElement("00100010", "PN", person),
    asciiElement("00321060", "LO", `Mammography of ${familyName}`),
  ];
  const added: DataElement[] = [
    asciiElement("00080014", "UI", identifiers[11]),
    asciiElement("00080018", "UI", sopInstanceUid),
    asciiElement("00080050", "SH", accession),
    asciiElement("00080080", "LO", hospital),
    asciiElement("00080081", "ST", street),
    asciiElement("00080090", "PN", doctor),
    asciiElement("00081010", "SH", station),
    asciiElement("00081030", "LO", `Control ${familyName}`),
    asciiElement("0008103E", "LO", `${person} ${birthDate}`),
    asciiElement("00081070", "PN", doctor),
    { tag: "00081110", vr: "SQ", value: { kind: "items", items: [nested] } },
    bytesElement("00090010", "LO"),
    bytesElement("00091001", "UN"),
    asciiElement("00100010", "PN", person),
    asciiElement("00100020", "LO", patientId),
    asciiElement("00100030", "DA", birthDate),
    asciiElement("00101000", "LO", `${patientId}-OLD`),
    asciiElement("00101040", "LO", street),
    asciiElement("00102154", "SH", phone),
    bytesElement("00104000", "LT"),
    asciiElement("0020000D", "UI", studyUid),
    asciiElement("0020000E", "UI", `${studyUid}.1`),
    bytesElement("00204000", "LT"),
    bytesElement("00324000", "LT"),
    { tag: "00400275", vr: "SQ", value: { kind: "items", items: [nested] } },
    asciiElement("00401101", "LO", mail),
    bytesElement("60003000", "OW"),
  ];
  for (const element of added) elements.set(element.tag, element);
  const written = writeDicomFile({
    transferSyntaxUid: file.transferSyntaxUid,
    sopClassUid: "1.2.840.10008.5.1.4.1.1.1.2",
    sopInstanceUid,
    elements: [...elements.values()].toSorted((a, b) => (a.tag < b.tag ? -1 : 1)),
  });
  // The preamble says nothing to DICOM, and anything to whoever looks.
  written.set(new TextEncoder().encode(`${person} ${birthDate}`).subarray(0, 128));
  return new Uint8Array(written);
}
