/** DICOM objects that hold no image of a breast, told by SOP class alone (PS3.4 B.5, PS3.6 A). */
import { DomainError } from "@crossread/contracts/errors";

export type DocumentKind =
  "cad-report" | "structured-report" | "presentation-state" | "encapsulated-document" | "not-an-image";

interface DocumentRow {
  readonly kind: DocumentKind;
  /** SOP Class UIDs that are this one or begin with it and a dot. */
  readonly roots: readonly string[];
  readonly name: string;
  readonly remedy: string;
}

const storage = "1.2.840.10008.5.1.4.1.1";

/** The first row that fits counts. */
export const documentKinds: readonly DocumentRow[] = [
  {
    kind: "cad-report",
    roots: [`${storage}.88.50`, `${storage}.88.65`, `${storage}.88.69`],
    name: "a CAD report",
    remedy: "Leave CAD reports out: Crossread reads the images themselves.",
  },
  {
    kind: "structured-report",
    roots: [`${storage}.88`],
    name: "a structured report",
    remedy: "Leave reports out and enter the reference standard on the case's page or by CSV.",
  },
  {
    kind: "presentation-state",
    roots: [`${storage}.11`],
    name: "a presentation state",
    remedy: "Leave presentation states out: Crossread presents an image as its own file says.",
  },
  {
    kind: "encapsulated-document",
    roots: [`${storage}.104`],
    name: "an encapsulated document",
    remedy: "Leave documents out: they may name the patient and hold no image.",
  },
  {
    kind: "not-an-image",
    // Waveforms, raw data, registrations, segmentations, surfaces, radiotherapy plans and doses, stored media directories.
    roots: [
      `${storage}.9`,
      `${storage}.66`,
      `${storage}.67`,
      `${storage}.68`,
      `${storage}.481`,
      "1.2.840.10008.1.3.10",
    ],
    name: "no image",
    remedy: "Send the images only.",
  },
];

export function findDocumentKind(sopClassUid: string): DocumentRow | undefined {
  return documentKinds.find(({ roots }) =>
    roots.some((root) => sopClassUid === root || sopClassUid.startsWith(`${root}.`)),
  );
}

export function assertImageClass(sopClassUid: string, fileName: string): void {
  const document = findDocumentKind(sopClassUid);
  if (document === undefined) return;
  throw new DomainError(
    "image-kind-refused",
    `A mammogram is an image, but ${fileName} is ${document.name}.`,
    { details: { reason: document.kind, remedy: document.remedy } },
  );
}
