/** The way back of reading-report.ts. */
import { DomainError } from "@crossread/contracts/errors";
import type { Laterality } from "@crossread/contracts/dataset-manifest";
import type { CodedConcept } from "./coded-concept.ts";
import { isSameConcept } from "./coded-concept.ts";
import {
  childOf,
  childrenOf,
  codeIn,
  type ContentItem,
  numberIn,
  readContentItem,
  textIn,
} from "./content-item.ts";
import { readElements, textOf } from "./element-values.ts";
import { type MarkGraphic, parseGeometry, parseJson } from "./mark-graphic.ts";
import * as readingCodes from "./reading-codes.ts";
import { type ReadingRecord, readingRecordSchema } from "./reading-record.ts";
import { comprehensiveSr } from "./reading-report.ts";
import { concepts } from "./report-concepts.ts";

interface LibraryImage {
  readonly instanceId: string | undefined;
  readonly widthPx: number;
  readonly heightPx: number;
}

/**
 * The reading that a report of ours states.
 *
 * @throws {DomainError} "image-unreadable" where it is no such report, or was changed so that its parts disagree
 */
export function parseReadingReport(bytes: Uint8Array, fileName: string): ReadingRecord {
  const elements = readElements(bytes, fileName);
  if (textOf(elements, "00080016") !== comprehensiveSr) throw unreadable(fileName, "is no Comprehensive SR");
  const root = readContentItem(elements, fileName);
  if (root.concept === undefined || !isSameConcept(root.concept, concepts.title)) {
    throw unreadable(fileName, "is no imaging measurement report");
  }
  const groups = childrenOf(childOf(root, concepts.measurements), concepts.group);
  const library = readLibrary(root);
  const stated = childOf(root, concepts.evaluations);
  const observer = childOf(root, concepts.observerName)?.value;
  const rating = childOf(root, concepts.mapRating);
  const reading = readingRecordSchema.safeParse({
    readingId: textIn(stated, concepts.readingId),
    readerStudyId: textIn(stated, concepts.readerStudyId),
    readerPseudonym: observer?.type === "PNAME" ? observer.name : undefined,
    condition: wordIn(stated, concepts.condition, readingCodes.conditionCodes),
    lockedAt: textIn(stated, concepts.lockedAt),
    durationMs: numberIn(stated, concepts.duration),
    answers: {
      breasts: { R: readBreast(groups, "R"), L: readBreast(groups, "L") },
      density: wordIn(stated, concepts.density, readingCodes.densityCodes) ?? null,
      marks: groups
        .filter((group) => childOf(group, concepts.region) !== undefined)
        .map((group) => readMark(group, library)),
      comment: readComment(stated),
    },
    mapRating: rating === undefined ? null : readRating(rating),
  });
  if (!reading.success) {
    const [issue] = reading.error.issues;
    throw unreadable(fileName, `is incomplete at ${issue?.path.join(".") ?? "its root"}`);
  }
  return reading.data;
}

function readLibrary(root: ContentItem): ReadonlyMap<string, LibraryImage> {
  const entries = childOf(childOf(root, concepts.imageLibrary), concepts.imageGroup)?.children ?? [];
  return new Map(
    entries.flatMap((entry) =>
      entry.value.type !== "IMAGE"
        ? []
        : [
            [
              entry.value.sopInstanceUid,
              {
                instanceId: textIn(entry, concepts.instanceId),
                widthPx: numberIn(entry, concepts.columns) ?? 0,
                heightPx: numberIn(entry, concepts.rows) ?? 0,
              },
            ] as const,
          ],
    ),
  );
}

function readBreast(groups: readonly ContentItem[], side: Laterality) {
  const group = groups.find((one) => textIn(one, concepts.trackingId) === `breast-${side}`);
  return {
    birads: wordIn(group, concepts.assessment, readingCodes.biradsCodes) ?? null,
    suspicion: numberIn(group, concepts.suspicion) ?? null,
  };
}

function readMark(group: ContentItem, library: ReadonlyMap<string, LibraryImage>) {
  const markId = textIn(group, concepts.trackingId) ?? "";
  const region = childOf(group, concepts.region);
  const source = region?.children.find(({ value }) => value.type === "IMAGE")?.value;
  const image = source?.type === "IMAGE" ? library.get(source.sopInstanceUid) : undefined;
  if (image === undefined)
    throw unreadable(`Mark ${markId}`, "lies on an image that its report does not list");
  const shown: MarkGraphic =
    region?.value.type === "SCOORD" ? region.value.graphic : { type: "POINT", data: new Float32Array() };
  const descriptors = readDescriptors(group);
  const conspicuity = numberIn(group, concepts.conspicuity);
  return {
    markId,
    instanceId: image.instanceId,
    geometry: parseGeometry(textIn(group, concepts.geometry) ?? "", shown, { ...image, markId }),
    kind: wordIn(group, concepts.finding, readingCodes.kindCodes),
    ...(descriptors === undefined ? {} : { descriptors }),
    ...(conspicuity === undefined ? {} : { conspicuity }),
  };
}

function readDescriptors(group: ContentItem): Record<string, string> | undefined {
  const stated = Object.entries(readingCodes.descriptorCodes).flatMap(([name, table]) => {
    const descriptor = name as keyof typeof readingCodes.descriptorCodes;
    const word = wordIn<string>(group, readingCodes.descriptorNames[descriptor], table);
    return word === undefined ? [] : [[name, word] as const];
  });
  if (stated.length > 0) return Object.fromEntries(stated);
  return childOf(group, concepts.noDescriptor) === undefined ? undefined : {};
}

function readRating(rating: ContentItem) {
  const isYes = (concept: CodedConcept) => {
    const answer = codeIn(rating, concept);
    if (answer === undefined) return undefined;
    return isSameConcept(answer, readingCodes.yesCode);
  };
  return {
    lesionInsideHotArea: wordIn(rating, concepts.lesionInside, readingCodes.lesionInsideCodes),
    hasMissedLesion: isYes(concepts.missedLesion),
    hasSpuriousAreas: isYes(concepts.spuriousAreas),
    plausibility: numberIn(rating, concepts.plausibility),
    wouldChangeRecall: wordIn(rating, concepts.wouldChangeRecall, readingCodes.recallCodes),
    comment: readComment(rating),
  };
}

function readComment(item: ContentItem | undefined): unknown {
  const asEntered = textIn(item, concepts.asEntered);
  return asEntered === undefined ? (textIn(item, concepts.comment) ?? "") : parseJson(asEntered);
}

/** The word of a coded answer; a code that is not ours is kept as its value, which no schema takes. */
function wordIn<TWord extends string>(
  item: ContentItem | undefined,
  concept: CodedConcept,
  table: Readonly<Record<TWord, CodedConcept>>,
): string | undefined {
  const coded = codeIn(item, concept);
  return coded === undefined ? undefined : (readingCodes.wordOf(table, coded) ?? `code ${coded.value}`);
}

function unreadable(what: string, why: string): DomainError {
  return new DomainError("image-unreadable", `${what} ${why}.`);
}
