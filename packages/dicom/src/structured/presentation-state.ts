/** A reader's marks on one image as a Grayscale Softcopy Presentation State (PS3.3 A.33.1). */
import { DomainError } from "@crossread/contracts/errors";
import { type ReaderMark, readerMarkSchema } from "@crossread/contracts/reader-mark";
import { conditionSchema } from "@crossread/contracts/reading";
import { z } from "zod";
import type { DataElement } from "../deidentify/data-element.ts";
import type { LookupTable } from "../lookup-table.ts";
import { contentUid, uidOfUuid } from "./content-uid.ts";
import { dateAndTime, referencedSeries, sopReference, writeDerivedObject } from "./derived-object.ts";
import {
  decimalText,
  itemsAt,
  numbers,
  numbersOf,
  readElements,
  sequence,
  text,
  textOf,
} from "./element-values.ts";
import { type MarkGraphic, parseGeometry, toGraphic } from "./mark-graphic.ts";
import { privateJson, readPrivateJson } from "./private-json.ts";
import { kindCodes } from "./reading-codes.ts";
import type { ReferencedImage } from "./referenced-image.ts";

export const grayscalePresentationState = "1.2.840.10008.5.1.4.1.1.11.1";
const layer = "MARKS";

const statementSchema = z.strictObject({
  readingId: z.uuid(),
  readerStudyId: z.uuid(),
  instanceId: z.uuid(),
  condition: conditionSchema,
  lockedAt: z.iso.datetime({ precision: 3 }),
});

export interface MarkedImage extends z.infer<typeof statementSchema> {
  readonly readerPseudonym: string;
  readonly marks: readonly ReaderMark[];
}

/** Marks that lie on other images are refused. */
export async function writePresentationState(
  marked: MarkedImage,
  image: ReferencedImage,
): Promise<Uint8Array<ArrayBuffer>> {
  const { condition, instanceId, lockedAt, marks, readerPseudonym, readerStudyId, readingId } = marked;
  const stray = marks.find((mark) => mark.instanceId !== image.instanceId);
  if (stray !== undefined || instanceId !== image.instanceId) {
    throw new DomainError(
      "usage",
      `A presentation state holds the marks of image ${image.instanceId}, got one of ${stray?.instanceId ?? instanceId}.`,
    );
  }
  const { date, time } = dateAndTime(lockedAt);
  return writeDerivedObject({
    sopClassUid: grayscalePresentationState,
    sopInstanceUid: await contentUid("presentation", readingId, image.sopInstanceUid),
    seriesInstanceUid: await contentUid("presentations", readerStudyId, image.studyInstanceUid),
    modality: "PR",
    seriesDescription: "Marks of a reader study",
    seriesNumber: 9002,
    image,
    elements: [
      referencedSeries("00081115", "00081140", [image]),
      // Type 2C: the series holds states of both breasts.
      text("00200060", "CS"),
      ...privateJson({ readingId, readerStudyId, instanceId, condition, lockedAt }),
      ...modalityElements(image),
      ...voiElements(image),
      sequence("0070005A", displayedArea(image)),
      ...(marks.length === 0 ? [] : annotationElements(marks, image)),
      text("00700080", "CS", "MARKS"),
      text("00700081", "LO", `Marks of ${readerPseudonym}, ${condition} reading`.slice(0, 64)),
      text("00700082", "DA", date),
      text("00700083", "TM", time),
      text("00700084", "PN", readerPseudonym),
      // C.11.6: a presentation state stands instead of the image's photometric interpretation.
      text("20500020", "CS", image.isMonochrome1 ? "INVERSE" : presentationShape(image)),
    ],
  });
}

const presentationShape = ({ presentation }: ReferencedImage) =>
  presentation.presentationLutShape ?? "IDENTITY";

function modalityElements({ presentation }: ReferencedImage): DataElement[] {
  const { modality } = presentation;
  if ("lut" in modality) {
    return [sequence("00283000", [...lutElements(modality.lut), text("00283004", "LO", "US")])];
  }
  return [
    text("00281052", "DS", decimalText(modality.intercept)),
    text("00281053", "DS", decimalText(modality.slope)),
    text("00281054", "LO", "US"),
  ];
}

/** C.11.8: what the image's first VOI LUT or window is, so that the marks are seen on the picture that was read. */
function voiElements(image: ReferencedImage): DataElement[] {
  const { voiLutFunction, voiLuts, windows } = image.presentation;
  const [lut] = voiLuts;
  const [window] = windows;
  if (lut === undefined && window === undefined) return [];
  const values =
    lut !== undefined
      ? [sequence("00283010", lutElements(lut))]
      : [
          text("00281050", "DS", decimalText(window?.center ?? 0)),
          text("00281051", "DS", decimalText(window?.width ?? 1)),
          text("00281056", "CS", voiLutFunction),
        ];
  return [sequence("00283110", [sequence("00081140", sopReference(image)), ...values])];
}

/** The first mapped value of a descriptor is signed where the LUT's input may be (C.11.1.1.1). */
function lutElements(lut: LookupTable): DataElement[] {
  const count = lut.entries.length === 65536 ? 0 : lut.entries.length;
  const isSigned = lut.firstMapped < 0;
  const descriptor = numbers("00283002", "US", count, lut.firstMapped & 0xffff, lut.bitsPerEntry);
  const data = numbers("00283006", "US", ...lut.entries);
  return [isSigned ? { ...descriptor, vr: "SS" } : descriptor, { ...data, vr: "OW" }];
}

function displayedArea(image: ReferencedImage): DataElement[] {
  return [
    sequence("00081140", sopReference(image)),
    numbers("00700052", "SL", 1, 1),
    numbers("00700053", "SL", image.widthPx, image.heightPx),
    text("00700100", "CS", "SCALE TO FIT"),
    image.pixelSpacingMm === undefined
      ? text("00700102", "IS", "1", "1")
      : text("00700101", "DS", ...image.pixelSpacingMm.map(decimalText)),
  ];
}

function annotationElements(marks: readonly ReaderMark[], image: ReferencedImage): DataElement[] {
  return [
    sequence(
      "00700001",
      ...marks.map((mark) => [
        sequence("00081140", sopReference(image)),
        text("00700002", "CS", layer),
        sequence("00700008", labelElements(mark, image)),
        sequence("00700009", graphicElements(mark, image)),
      ]),
    ),
    sequence("00700060", [
      text("00700002", "CS", layer),
      text("00700062", "IS", "1"),
      text("00700068", "LO", "Marks of a reader"),
    ]),
  ];
}

function labelElements(mark: ReaderMark, image: ReferencedImage): DataElement[] {
  const { data } = toGraphic(mark.geometry, image);
  const words = [kindCodes[mark.kind].meaning, ...Object.values(mark.descriptors ?? {})];
  return [
    text("00700004", "CS", "PIXEL"),
    text("00700006", "ST", words.join(", ")),
    numbers("00700014", "FL", data[0]!, data[1]!),
    text("00700015", "CS", "N"),
  ];
}

function graphicElements(mark: ReaderMark, image: ReferencedImage): DataElement[] {
  const { data, type } = toGraphic(mark.geometry, image);
  return [
    text("00620020", "UT", mark.markId),
    text("00620021", "UI", uidOfUuid(mark.markId)),
    text("00700005", "CS", "PIXEL"),
    numbers("00700020", "US", 2),
    numbers("00700021", "US", data.length / 2),
    numbers("00700022", "FL", ...data),
    text("00700023", "CS", type),
    ...(type === "POINT" ? [] : [text("00700024", "CS", "N")]),
    ...privateJson(mark),
  ];
}

/**
 * The marks that a presentation state of ours shows.
 *
 * @throws {DomainError} "image-unreadable" where it is none of ours, or a graphic was changed
 */
export function parsePresentationState(bytes: Uint8Array, fileName: string): MarkedImage {
  const elements = readElements(bytes, fileName);
  const statement = statementSchema.safeParse(readPrivateJson(elements));
  if (textOf(elements, "00080016") !== grayscalePresentationState || !statement.success) {
    throw new DomainError("image-unreadable", `${fileName} is no presentation state with a reader's marks.`);
  }
  const area = numbersOf(itemsAt(elements, "0070005A")[0] ?? [], "00700053", "SL");
  const frame = { widthPx: area[0] ?? 0, heightPx: area[1] ?? 0 };
  return {
    ...statement.data,
    readerPseudonym: textOf(elements, "00700084"),
    marks: itemsAt(elements, "00700001")
      .flatMap((annotation) => itemsAt(annotation, "00700009"))
      .map((item) => readMark(item, frame, fileName)),
  };
}

function readMark(
  item: readonly DataElement[],
  frame: { readonly widthPx: number; readonly heightPx: number },
  fileName: string,
): ReaderMark {
  const recorded = readerMarkSchema.safeParse(readPrivateJson(item));
  if (!recorded.success) {
    throw new DomainError("image-unreadable", `${fileName} has a graphic that is no mark of a reader study.`);
  }
  const shown = {
    type: textOf(item, "00700023") as MarkGraphic["type"],
    data: Float32Array.from(numbersOf(item, "00700022", "FL")),
  };
  const { geometry, markId } = recorded.data;
  parseGeometry(JSON.stringify(geometry), shown, { ...frame, markId });
  return recorded.data;
}
