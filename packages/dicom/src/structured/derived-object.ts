/** What every object that is made here has in common: identity, series, equipment. */
import type { DataElement } from "../deidentify/data-element.ts";
import { writeDicomFile } from "../deidentify/write-data-set.ts";
import { explicitVrLittleEndian } from "../part10-file.ts";
import { ownSchemeIdentification } from "./coded-concept.ts";
import { inOrder, sequence, text } from "./element-values.ts";
import type { ReferencedImage } from "./referenced-image.ts";

export interface DerivedObject {
  readonly sopClassUid: string;
  readonly sopInstanceUid: string;
  readonly seriesInstanceUid: string;
  readonly modality: string;
  readonly seriesDescription: string;
  readonly seriesNumber: number;
  /** An image of the study that the object belongs to. */
  readonly image: ReferencedImage;
  readonly elements: readonly DataElement[];
}

/** Date and time (UTC) of an ISO 8601 instant. */
export function dateAndTime(instant: string): { readonly date: string; readonly time: string } {
  const [date = "", time = ""] = new Date(instant).toISOString().replace("Z", "").split("T");
  return { date: date.replaceAll("-", ""), time: time.replaceAll(":", "") };
}

export function writeDerivedObject(object: DerivedObject): Uint8Array<ArrayBuffer> {
  const { image, sopClassUid, sopInstanceUid } = object;
  return writeDicomFile({
    transferSyntaxUid: explicitVrLittleEndian,
    sopClassUid,
    sopInstanceUid,
    elements: inOrder([
      text("00080005", "CS", "ISO_IR 192"),
      text("00080016", "UI", sopClassUid),
      text("00080018", "UI", sopInstanceUid),
      text("00080060", "CS", object.modality),
      text("00080070", "LO", "Crossread"),
      text("0008103E", "LO", object.seriesDescription),
      text("00081090", "LO", "Crossread"),
      text("00181000", "LO", "1"),
      text("00181020", "LO", "1"),
      ownSchemeIdentification,
      ...image.patientAndStudy,
      text("0020000D", "UI", image.studyInstanceUid),
      text("0020000E", "UI", object.seriesInstanceUid),
      text("00200011", "IS", String(object.seriesNumber)),
      text("00200013", "IS", "1"),
      ...object.elements,
    ]),
  });
}

/** SOP Instance Reference Macro (PS3.3 10.8). */
export const sopReference = (
  image: Pick<ReferencedImage, "sopClassUid" | "sopInstanceUid">,
): DataElement[] => [text("00081150", "UI", image.sopClassUid), text("00081155", "UI", image.sopInstanceUid)];

/** Series of one study with the images that are referenced in them. */
export function referencedSeries(
  tag: string,
  imageTag: string,
  images: readonly ReferencedImage[],
): DataElement {
  const seriesUids = [...new Set(images.map(({ seriesInstanceUid }) => seriesInstanceUid))];
  return sequence(
    tag,
    ...seriesUids.map((uid) => [
      text("0020000E", "UI", uid),
      sequence(
        imageTag,
        ...images.filter(({ seriesInstanceUid }) => seriesInstanceUid === uid).map(sopReference),
      ),
    ]),
  );
}
