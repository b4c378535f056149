/** A reading as a Comprehensive SR (PS3.3 A.35.3) on TID 1500 Measurement Report (PS3.16). */
import { DomainError } from "@crossread/contracts/errors";
import type { Laterality } from "@crossread/contracts/dataset-manifest";
import type { ReaderMark } from "@crossread/contracts/reader-mark";
import type { MapRating } from "@crossread/contracts/reading";
import type { CodedConcept } from "./coded-concept.ts";
import { type ContentItem, type Relationship, toItemElements } from "./content-item.ts";
import { contentUid, uidOfUuid } from "./content-uid.ts";
import { dateAndTime, referencedSeries, writeDerivedObject } from "./derived-object.ts";
import { sequence, text } from "./element-values.ts";
import { geometryText, toGraphic } from "./mark-graphic.ts";
import * as readingCodes from "./reading-codes.ts";
import { type ReadingRecord, readingRecordSchema } from "./reading-record.ts";
import type { ReferencedImage } from "./referenced-image.ts";
import { codes, concepts, units } from "./report-concepts.ts";

export const comprehensiveSr = "1.2.840.10008.5.1.4.1.1.88.33";

/**
 * The report of one reading; `images` are all images of the case, of one study.
 *
 * @throws {DomainError} "usage" where a mark lies on none of the images, or these are of several studies
 */
export async function writeReadingReport(
  record: ReadingRecord,
  images: readonly ReferencedImage[],
): Promise<Uint8Array<ArrayBuffer>> {
  const reading = readingRecordSchema.parse(record);
  const [first] = images;
  const studies = new Set(images.map(({ studyInstanceUid }) => studyInstanceUid));
  if (first === undefined || studies.size !== 1) {
    throw new DomainError(
      "usage",
      `The report of reading ${reading.readingId} needs images of one study, got ${images.length} of ${studies.size}.`,
    );
  }
  const { date, time } = dateAndTime(reading.lockedAt);
  const root = await reportTree(reading, images);
  return writeDerivedObject({
    sopClassUid: comprehensiveSr,
    sopInstanceUid: await contentUid("report", reading.readingId),
    seriesInstanceUid: await contentUid("reports", reading.readerStudyId, first.studyInstanceUid),
    modality: "SR",
    seriesDescription: "Readings of a reader study",
    seriesNumber: 9001,
    image: first,
    elements: [
      text("00080023", "DA", date),
      text("00080033", "TM", time),
      sequence("00081111"),
      sequence("0040A372"),
      sequence("0040A375", [
        text("0020000D", "UI", first.studyInstanceUid),
        referencedSeries("00081115", "00081199", images),
      ]),
      text("0040A491", "CS", "COMPLETE"),
      text("0040A493", "CS", "UNVERIFIED"),
      ...toItemElements(root),
    ],
  });
}

async function reportTree(reading: ReadingRecord, images: readonly ReferencedImage[]): Promise<ContentItem> {
  const breasts = await Promise.all((["R", "L"] as const).map((side) => breastGroup(reading, side)));
  const marks = reading.answers.marks.map((mark) => markGroup(mark, images));
  return {
    concept: concepts.title,
    value: { type: "CONTAINER", templateId: "1500" },
    children: [
      code("HAS CONCEPT MOD", concepts.language, codes.english),
      code("HAS OBS CONTEXT", concepts.observerType, codes.person),
      {
        relationship: "HAS OBS CONTEXT",
        concept: concepts.observerName,
        value: { type: "PNAME", name: reading.readerPseudonym },
        children: [],
      },
      code("HAS CONCEPT MOD", concepts.procedure, codes.mammography),
      container(concepts.imageLibrary, [container(concepts.imageGroup, images.map(libraryEntry))], "1600"),
      container(concepts.measurements, [...breasts, ...marks]),
      container(concepts.evaluations, evaluations(reading)),
      ...(reading.mapRating === null ? [] : [ratingContainer(reading.mapRating)]),
    ],
  };
}

/** TID 1601 and 1602. */
function libraryEntry(image: ReferencedImage): ContentItem {
  const context = "HAS ACQ CONTEXT";
  return {
    relationship: "CONTAINS",
    value: { type: "IMAGE", sopClassUid: image.sopClassUid, sopInstanceUid: image.sopInstanceUid },
    children: [
      ...(image.laterality === undefined
        ? []
        : [code(context, concepts.imageLaterality, readingCodes.lateralityCodes[image.laterality])]),
      ...(image.view === undefined
        ? []
        : [code(context, concepts.imageView, readingCodes.viewCodes[image.view])]),
      number(context, concepts.rows, [image.heightPx, units.pixels]),
      number(context, concepts.columns, [image.widthPx, units.pixels]),
      textItem(context, concepts.instanceId, image.instanceId),
    ],
  };
}

/** TID 1501: what was said of one breast. */
async function breastGroup(reading: ReadingRecord, side: Laterality): Promise<ContentItem> {
  const { birads, suspicion } = reading.answers.breasts[side];
  return container(
    concepts.group,
    [
      textItem("HAS OBS CONTEXT", concepts.trackingId, `breast-${side}`),
      uid(concepts.trackingUid, await contentUid("breast", reading.readingId, side)),
      breastSite(side),
      ...(suspicion === null ? [] : [number("CONTAINS", concepts.suspicion, [suspicion, units.score])]),
      ...(birads === null ? [] : [code("CONTAINS", concepts.assessment, readingCodes.biradsCodes[birads])]),
    ],
    "1501",
  );
}

/** TID 1410: planar region of interest. */
function markGroup(mark: ReaderMark, images: readonly ReferencedImage[]): ContentItem {
  const image = images.find(({ instanceId }) => instanceId === mark.instanceId);
  if (image === undefined) {
    throw new DomainError("usage", `Mark ${mark.markId} lies on none of the images of its case.`);
  }
  const region: ContentItem = {
    relationship: "CONTAINS",
    concept: concepts.region,
    value: { type: "SCOORD", graphic: toGraphic(mark.geometry, image) },
    children: [
      {
        relationship: "SELECTED FROM",
        value: { type: "IMAGE", sopClassUid: image.sopClassUid, sopInstanceUid: image.sopInstanceUid },
        children: [],
      },
    ],
  };
  return container(
    concepts.group,
    [
      textItem("HAS OBS CONTEXT", concepts.trackingId, mark.markId),
      uid(concepts.trackingUid, uidOfUuid(mark.markId)),
      code("CONTAINS", concepts.finding, readingCodes.kindCodes[mark.kind]),
      ...(image.laterality === undefined ? [] : [breastSite(image.laterality)]),
      region,
      ...descriptorItems(mark),
      ...(mark.conspicuity === undefined
        ? []
        : [number("CONTAINS", concepts.conspicuity, [mark.conspicuity, units.grade])]),
      textItem("CONTAINS", concepts.geometry, geometryText(mark.geometry)),
    ],
    "1410",
  );
}

function descriptorItems({ descriptors }: ReaderMark): ContentItem[] {
  // Descriptors of which none was chosen are not the same as none being asked: the empty set is kept as entered.
  if (descriptors === undefined) return [];
  const entries = Object.entries(readingCodes.descriptorCodes).flatMap(([name, words]) => {
    const descriptor = name as keyof typeof readingCodes.descriptorCodes;
    const word = descriptors[descriptor];
    const table: Readonly<Record<string, CodedConcept>> = words;
    const coded = word === undefined ? undefined : table[word];
    return coded === undefined ? [] : [code("CONTAINS", readingCodes.descriptorNames[descriptor], coded)];
  });
  return entries.length === 0 ? [code("CONTAINS", concepts.noDescriptor, codes.notStated)] : entries;
}

function evaluations({ answers, ...reading }: ReadingRecord): ContentItem[] {
  return [
    textItem("CONTAINS", concepts.readingId, reading.readingId),
    textItem("CONTAINS", concepts.readerStudyId, reading.readerStudyId),
    code("CONTAINS", concepts.condition, readingCodes.conditionCodes[reading.condition]),
    textItem("CONTAINS", concepts.lockedAt, reading.lockedAt),
    number("CONTAINS", concepts.duration, [reading.durationMs, units.milliseconds]),
    ...(answers.density === null
      ? []
      : [code("CONTAINS", concepts.density, readingCodes.densityCodes[answers.density])]),
    ...commentItems(answers.comment),
  ];
}

function ratingContainer(rating: MapRating): ContentItem {
  const yesOrNo = (is: boolean) => (is ? readingCodes.yesCode : readingCodes.noCode);
  return container(concepts.mapRating, [
    code("CONTAINS", concepts.lesionInside, readingCodes.lesionInsideCodes[rating.lesionInsideHotArea]),
    code("CONTAINS", concepts.missedLesion, yesOrNo(rating.hasMissedLesion)),
    code("CONTAINS", concepts.spuriousAreas, yesOrNo(rating.hasSpuriousAreas)),
    number("CONTAINS", concepts.plausibility, [rating.plausibility, units.grade]),
    code("CONTAINS", concepts.wouldChangeRecall, readingCodes.recallCodes[rating.wouldChangeRecall]),
    ...commentItems(rating.comment),
  ]);
}

/** UT keeps neither trailing spaces nor control characters (PS3.5 6.2): such a text goes along as it was entered. */
function commentItems(comment: string): ContentItem[] {
  if (comment === "") return [];
  const shown = comment.replaceAll(/[^\P{Cc}\n\r\t]|\p{Cs}/gu, " ").trimEnd();
  const item = textItem("CONTAINS", concepts.comment, shown === "" ? "(blank)" : shown);
  if (shown === comment) return [item];
  return [item, textItem("CONTAINS", concepts.asEntered, asciiJson(comment))];
}

/** JSON without a character that a text encoding could lose. */
const asciiJson = (value: string): string =>
  JSON.stringify(value).replaceAll(
    /[^\x20-\x7E]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );

const breastSite = (side: Laterality): ContentItem => ({
  ...code("CONTAINS", concepts.findingSite, codes.breast),
  relationship: "HAS CONCEPT MOD",
  children: [code("HAS CONCEPT MOD", concepts.laterality, readingCodes.lateralityCodes[side])],
});

function code(relationship: Relationship, concept: CodedConcept, value: CodedConcept): ContentItem {
  return { relationship, concept, value: { type: "CODE", code: value }, children: [] };
}

function number(
  relationship: Relationship,
  concept: CodedConcept,
  [value, unit]: readonly [number, CodedConcept],
): ContentItem {
  return { relationship, concept, value: { type: "NUM", value, unit }, children: [] };
}

function textItem(relationship: Relationship, concept: CodedConcept, value: string): ContentItem {
  return { relationship, concept, value: { type: "TEXT", text: value }, children: [] };
}

function uid(concept: CodedConcept, value: string): ContentItem {
  return { relationship: "HAS OBS CONTEXT", concept, value: { type: "UIDREF", uid: value }, children: [] };
}

function container(concept: CodedConcept, children: ContentItem[], templateId?: string): ContentItem {
  return {
    relationship: "CONTAINS",
    concept,
    value: { type: "CONTAINER", ...(templateId === undefined ? {} : { templateId }) },
    children,
  };
}
