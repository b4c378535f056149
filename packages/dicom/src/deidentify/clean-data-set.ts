/** The rules of a profile applied to every element of a data set, item by item. */
import type { AllowList } from "./allow-list.ts";
import type { AllowedAttribute } from "./attribute-rule.ts";
import { cleanPixelData } from "./clean-pixel-data.ts";
import { cleanValue, type ValueContext } from "./clean-value.ts";
import { codedEntry } from "./coded-entry.ts";
import { knownCode } from "./coded-values.ts";
import type { ConfidentialityAction, DeidentificationProfile } from "./confidentiality-profile.ts";
import {
  asciiElement,
  type DataElement,
  type DicomFile,
  findElement,
  firstAscii,
  sequenceElement,
} from "./data-element.ts";
import { markTags } from "./deidentification-mark.ts";
import type { DeidentificationAction } from "./deidentified-file.ts";
import { itemsOf } from "./items-of.ts";
import { reasonForRemoval } from "./removal-reason.ts";
import { safePrivateElements } from "./safe-private.ts";
import { tableAction, tableRow } from "./table-action.ts";

export interface CleanDataSetContext extends ValueContext {
  readonly allowList: AllowList;
  readonly profile: DeidentificationProfile;
  /** Known from birth and study date, for a file that does not state the age. */
  readonly age: string | undefined;
  readonly fileName: string;
}

export interface CleanedDataSet {
  readonly elements: readonly DataElement[];
  /** In order of the tags, items after their sequence. */
  readonly changes: readonly ElementChange[];
}

/** One action and the elements before and after it; the one before holds what identifies and stays in memory. */
export interface ElementChange {
  readonly action: DeidentificationAction;
  readonly before?: DataElement | undefined;
  readonly after?: DataElement | undefined;
}

interface Outcome {
  readonly element?: DataElement | undefined;
  readonly action: ConfidentialityAction;
  readonly reason: string;
}

export function cleanDataSet(file: DicomFile, context: CleanDataSetContext): CleanedDataSet {
  const changes: ElementChange[] = [];
  const elements = cleanLevel(withDerivedAge(file.elements, context.age), {
    file,
    context,
    changes,
    path: "",
    safePrivate: context.profile.options.has("retain-safe-private")
      ? safePrivateElements(file)
      : new Map<DataElement, DataElement>(),
  });
  const present = new Set(elements.map(({ tag }) => tag));
  for (const { rule, tag, vr, keyword } of context.allowList.values()) {
    if (present.has(tag) || (rule.kind !== "pseudonym" && !addedWhenAbsent.has(tag))) continue;
    const after = asciiElement(tag, vr, rule.kind === "pseudonym" ? context.pseudonym : "");
    elements.push(after);
    changes.push({ action: { tag, keyword, action: "Z", reason: "was absent, must be there" }, after });
  }
  if (file.strayByteCount > 0) {
    const reason = "preamble or bytes after the last element";
    changes.push({ action: { tag: "", keyword: "", action: "X", reason } });
  }
  return { elements: elements.sort((first, second) => (first.tag < second.tag ? -1 : 1)), changes };
}

/** Type 2 of the Patient module: emptied where the file left it out. */
const addedWhenAbsent = new Set(["00100030", "00100040"]);

interface Level {
  readonly file: DicomFile;
  readonly context: CleanDataSetContext;
  readonly changes: ElementChange[];
  readonly path: string;
  readonly safePrivate: ReadonlyMap<DataElement, DataElement>;
}

function cleanLevel(elements: readonly DataElement[], level: Level): DataElement[] {
  const { changes, context, path } = level;
  const kept: DataElement[] = [];
  const seen = new Set<string>();
  for (const element of elements) {
    const { tag } = element;
    // Group lengths and our own mark are written anew.
    if (tag.endsWith("0000") || (path === "" && markTags.has(tag))) continue;
    const isRepeated = seen.has(tag);
    const allowed = isRepeated ? undefined : context.allowList.get(tag);
    seen.add(tag);
    const inner: ElementChange[] = [];
    const outcome =
      allowed === undefined
        ? isRepeated
          ? removal(tag)
          : retainSafePrivate(element, level)
        : cleanAllowed(element, allowed, { ...level, changes: inner });
    const { action, element: after, reason } = outcome;
    if (after !== undefined) kept.push(after);
    const described = { tag: path + tag, keyword: allowed?.keyword ?? "", action, reason };
    changes.push({ action: described, before: element, after });
    for (const change of inner) changes.push(change);
  }
  return kept;
}

function retainSafePrivate(element: DataElement, { safePrivate }: Level): Outcome {
  const safe = safePrivate.get(element);
  if (safe === undefined) return removal(element.tag);
  const action = hasSameBytes(element, safe) ? "K" : "C";
  return { element: safe, action, reason: "safe private attribute" };
}

const removal = (tag: string): Outcome => ({ action: "X", reason: reasonForRemoval(tag) });

function cleanAllowed(element: DataElement, allowed: AllowedAttribute, level: Level): Outcome {
  const { rule, tag } = allowed;
  const { options } = level.context.profile;
  const row = tableRow(tag);
  const action = row === undefined ? "K" : tableAction(row, options, allowed.isRequired);
  if (rule.kind === "pseudonym" || rule.kind === "dummy") {
    const replaced = cleanValue(element, allowed, level.context);
    return {
      element: replaced,
      action: "Z",
      reason: rule.kind === "pseudonym" ? "pseudonym" : "identifies",
    };
  }
  if (rule.kind === "retained-text" && action !== "K") return removal(tag);
  if (action === "X") return removal(tag);
  if (action === "Z" || action === "D") {
    const isEmpty = rule.kind === "items" || rule.kind === "codes";
    const emptied = isEmpty ? sequenceElement(tag, []) : asciiElement(tag, allowed.vr, "");
    return { element: emptied, action: "Z", reason: "may not be kept under this profile" };
  }
  if (rule.kind === "pixels") return cleanPixels(element, level);
  if (rule.kind === "items") return cleanItems(element, level);
  if (rule.kind === "codes") return cleanCodes(element, level, rule.unknown);
  return cleanSimple(element, allowed, level);
}

function cleanSimple(element: DataElement, allowed: AllowedAttribute, { context }: Level): Outcome {
  const { rule, tag, vr, isRequired } = allowed;
  const cleaned = cleanValue(element, allowed, context);
  const wasEmpty =
    element.value.kind === "bytes" && element.value.bytes.every((byte) => byte === 0x20 || byte === 0);
  if (cleaned === undefined) {
    if (wasEmpty) return { element: emptyElement(tag, vr), action: "K", reason: "empty" };
    const reason = "does not look as it must";
    return isRequired ? { element: emptyElement(tag, vr), action: "Z", reason } : { action: "X", reason };
  }
  const isSame = hasSameBytes(element, cleaned);
  if (rule.kind === "uid")
    return { element: cleaned, action: isSame ? "K" : "U", reason: "replaced consistently" };
  if (isSame) return { element: cleaned, action: "K", reason: "needed" };
  return { element: cleaned, action: "C", reason: cleaningReasons[rule.kind] ?? "written anew" };
}

const cleaningReasons: Readonly<Record<string, string>> = {
  date: "moved back by the patient's shift",
  "date-time": "moved back by the patient's shift, the study begins at noon",
  time: "the study begins at noon",
  age: "capped at 90 years",
  device: "only words that name devices and versions",
};

function cleanItems(element: DataElement, level: Level): Outcome {
  const path = `${level.path}${element.tag}/`;
  const items = itemsOf(element)
    .map((item) => cleanLevel(item, { ...level, path }))
    .filter((item) => item.length > 0);
  return { element: sequenceElement(element.tag, items), action: "C", reason: "items cleaned one by one" };
}

/** Only codes of our table, with our meaning and, where codes qualify codes, one level of those. */
function cleanCodes(
  element: DataElement,
  level: Level,
  unknown?: { readonly value: string; readonly meaning: string },
): Outcome {
  const items = itemsOf(element).flatMap((item) => {
    const stated = firstAscii(item, "00080100") ?? "";
    const value = knownCode(stated) === undefined ? unknown?.value : stated;
    if (value === undefined) return [];
    const known = knownCode(value) ?? { scheme: "SCT", meaning: unknown?.meaning ?? "" };
    const qualifiers = item.filter(({ tag }) => level.context.allowList.get(tag)?.rule.kind === "codes");
    const nested = level.path.length > 64 ? [] : qualifiers.map((one) => cleanCodes(one, level).element);
    return [[...codedEntry({ ...known, value }), ...nested.filter((one) => one !== undefined)]];
  });
  return {
    element: sequenceElement(element.tag, items),
    action: "C",
    reason: "known codes with standard meanings",
  };
}

function cleanPixels(element: DataElement, { context, file }: Level): Outcome {
  const cleaned = cleanPixelData(element, {
    elements: file.elements,
    transferSyntaxUid: file.transferSyntaxUid,
    isBigEndian: file.encoding.isBigEndian,
    fileName: context.fileName,
  });
  const isExplicit = file.encoding.isExplicit;
  const pixels = { ...cleaned.element, vr: isExplicit ? element.vr : "OW" };
  if (cleaned.removed.length === 0) return { element: pixels, action: "K", reason: "needed" };
  return { element: pixels, action: "C", reason: `without ${cleaned.removed.join(", ")}` };
}

/** A zero-length value, which every VR may have. */
function emptyElement(tag: string, vr: string): DataElement {
  return { tag, vr, value: { kind: "bytes", bytes: new Uint8Array(0) } };
}

function hasSameBytes(first: DataElement, second: DataElement): boolean {
  if (first.value.kind !== "bytes" || second.value.kind !== "bytes") return false;
  const other = second.value.bytes;
  return (
    first.value.bytes.length === other.length &&
    first.value.bytes.every((byte, index) => byte === other[index])
  );
}

function withDerivedAge(elements: readonly DataElement[], age: string | undefined): readonly DataElement[] {
  if (age === undefined || firstAscii(elements, "00101010") !== undefined) return elements;
  const others = elements.filter((element) => element !== findElement(elements, "00101010"));
  return [...others, asciiElement("00101010", "AS", age)];
}
