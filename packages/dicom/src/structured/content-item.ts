/** Content items of structured reports (PS3.3 C.17.3) ↔ data elements, as far as measurement reports use them. */
import { DomainError } from "@crossread/contracts/errors";
import type { DataElement } from "../deidentify/data-element.ts";
import { type CodedConcept, conceptElements, isSameConcept, readConcept } from "./coded-concept.ts";
import {
  decimalText,
  inOrder,
  itemsAt,
  numbers,
  numbersOf,
  sequence,
  text,
  textOf,
} from "./element-values.ts";
import type { MarkGraphic } from "./mark-graphic.ts";

export type Relationship =
  "CONTAINS" | "HAS CONCEPT MOD" | "HAS OBS CONTEXT" | "HAS ACQ CONTEXT" | "HAS PROPERTIES" | "SELECTED FROM";

export type ContentValue =
  | { readonly type: "CONTAINER"; readonly templateId?: string }
  | { readonly type: "TEXT"; readonly text: string }
  | { readonly type: "PNAME"; readonly name: string }
  | { readonly type: "UIDREF"; readonly uid: string }
  | { readonly type: "CODE"; readonly code: CodedConcept }
  | { readonly type: "NUM"; readonly value: number; readonly unit: CodedConcept }
  | { readonly type: "IMAGE"; readonly sopClassUid: string; readonly sopInstanceUid: string }
  | { readonly type: "SCOORD"; readonly graphic: MarkGraphic };

export interface ContentItem {
  /** Absent at the root. */
  readonly relationship?: Relationship;
  readonly concept?: CodedConcept;
  readonly value: ContentValue;
  readonly children: readonly ContentItem[];
}

export function toItemElements({ children, concept, relationship, value }: ContentItem): DataElement[] {
  return inOrder([
    ...(relationship === undefined ? [] : [text("0040A010", "CS", relationship)]),
    text("0040A040", "CS", value.type),
    ...(concept === undefined ? [] : [sequence("0040A043", conceptElements(concept))]),
    ...valueElements(value),
    ...(children.length === 0 ? [] : [sequence("0040A730", ...children.map(toItemElements))]),
  ]);
}

function valueElements(value: ContentValue): DataElement[] {
  switch (value.type) {
    case "CONTAINER":
      return [
        text("0040A050", "CS", "SEPARATE"),
        ...(value.templateId === undefined
          ? []
          : [
              sequence("0040A504", [
                text("00080105", "CS", "DCMR"),
                text("0040DB00", "CS", value.templateId),
              ]),
            ]),
      ];
    case "TEXT":
      return [text("0040A160", "UT", value.text)];
    case "PNAME":
      return [text("0040A123", "PN", value.name)];
    case "UIDREF":
      return [text("0040A124", "UI", value.uid)];
    case "CODE":
      return [sequence("0040A168", conceptElements(value.code))];
    case "NUM":
      return [
        sequence("0040A300", [
          sequence("004008EA", conceptElements(value.unit)),
          text("0040A30A", "DS", decimalText(value.value)),
        ]),
      ];
    case "IMAGE":
      return [
        sequence("00081199", [
          text("00081150", "UI", value.sopClassUid),
          text("00081155", "UI", value.sopInstanceUid),
        ]),
      ];
    case "SCOORD":
      return [numbers("00700022", "FL", ...value.graphic.data), text("00700023", "CS", value.graphic.type)];
  }
}

/** @throws {DomainError} "image-unreadable" for a value type that measurement reports of ours do not have */
export function readContentItem(item: readonly DataElement[], fileName: string): ContentItem {
  const relationship = textOf(item, "0040A010");
  const [name] = itemsAt(item, "0040A043");
  return {
    ...(relationship === "" ? {} : { relationship: relationship as Relationship }),
    ...(name === undefined ? {} : { concept: readConcept(name) }),
    value: readValue(item, fileName),
    children: itemsAt(item, "0040A730").map((child) => readContentItem(child, fileName)),
  };
}

function readValue(item: readonly DataElement[], fileName: string): ContentValue {
  const type = textOf(item, "0040A040");
  switch (type) {
    case "CONTAINER": {
      const templateId = textOf(itemsAt(item, "0040A504")[0] ?? [], "0040DB00");
      return templateId === "" ? { type } : { type, templateId };
    }
    case "TEXT":
      return { type, text: textOf(item, "0040A160") };
    case "PNAME":
      return { type, name: textOf(item, "0040A123") };
    case "UIDREF":
      return { type, uid: textOf(item, "0040A124") };
    case "CODE":
      return { type, code: readConcept(itemsAt(item, "0040A168")[0] ?? []) };
    case "NUM": {
      const measured = itemsAt(item, "0040A300")[0] ?? [];
      const decimal = textOf(measured, "0040A30A");
      const value = decimal === "" ? Number.NaN : Number(decimal);
      return { type, value, unit: readConcept(itemsAt(measured, "004008EA")[0] ?? []) };
    }
    case "IMAGE": {
      const reference = itemsAt(item, "00081199")[0] ?? [];
      return {
        type,
        sopClassUid: textOf(reference, "00081150"),
        sopInstanceUid: textOf(reference, "00081155"),
      };
    }
    case "SCOORD": {
      const graphicType = textOf(item, "00700023");
      if (graphicType !== "POINT" && graphicType !== "ELLIPSE" && graphicType !== "POLYLINE") break;
      return {
        type,
        graphic: { type: graphicType, data: Float32Array.from(numbersOf(item, "00700022", "FL")) },
      };
    }
  }
  throw new DomainError(
    "image-unreadable",
    `${fileName} has a content item that no report of a reading has.`,
  );
}

/** First child of a concept. */
export const childOf = (item: ContentItem | undefined, concept: CodedConcept): ContentItem | undefined =>
  item?.children.find((child) => child.concept !== undefined && isSameConcept(child.concept, concept));

export const childrenOf = (item: ContentItem | undefined, concept: CodedConcept): readonly ContentItem[] =>
  (item?.children ?? []).filter(
    (child) => child.concept !== undefined && isSameConcept(child.concept, concept),
  );

export function textIn(item: ContentItem | undefined, concept: CodedConcept): string | undefined {
  const value = childOf(item, concept)?.value;
  return value?.type === "TEXT" ? value.text : undefined;
}

export function codeIn(item: ContentItem | undefined, concept: CodedConcept): CodedConcept | undefined {
  const value = childOf(item, concept)?.value;
  return value?.type === "CODE" ? value.code : undefined;
}

export function numberIn(item: ContentItem | undefined, concept: CodedConcept): number | undefined {
  const value = childOf(item, concept)?.value;
  return value?.type === "NUM" ? value.value : undefined;
}
