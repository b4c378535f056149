/** What would happen to a file, with old values: for the screen of whoever holds the file, never to be sent. */
import { type DataElement, pixelDataTag } from "./data-element.ts";
import { textDecoderOf } from "./decoded-text.ts";
import { type DeidentificationOptions, deidentifyFile } from "./deidentify.ts";
import type { ElementChange } from "./clean-data-set.ts";
import type { DeidentificationPreview, PreviewedAction, PreviewGroup } from "./deidentified-file.ts";
import { tableRow } from "./table-action.ts";

const maxValueLength = 120;

export async function previewDeidentification(
  bytes: Uint8Array,
  options: DeidentificationOptions,
): Promise<DeidentificationPreview> {
  const { cleaned, file, result } = await deidentifyFile(bytes, options);
  const decoder = textDecoderOf(file.elements);
  const attributes = cleaned.changes
    .map((change) => previewed(change, decoder, file.encoding.isBigEndian))
    .sort((first, second) => (first.tag < second.tag ? -1 : 1));
  const groups = groupRules.map(({ has, kind, title }) => ({
    kind,
    title,
    attributes: attributes.filter(has),
  }));
  return { ...result, groups };
}

interface GroupRule extends Omit<PreviewGroup, "attributes"> {
  readonly has: (attribute: PreviewedAction) => boolean;
}

const groupRules: readonly GroupRule[] = [
  { kind: "removed", title: "Removed", has: ({ action }) => action === "X" },
  {
    kind: "replaced",
    title: "Replaced or emptied",
    has: ({ action }) => action !== "X" && action !== "K",
  },
  { kind: "kept", title: "Kept", has: ({ action }) => action === "K" },
];

function previewed(
  { action, after, before }: ElementChange,
  decoder: TextDecoder,
  isBigEndian: boolean,
): PreviewedAction {
  const shown = (element: DataElement | undefined) => shownValue(element, decoder, isBigEndian);
  return {
    ...action,
    name: attributeName(action.tag, action.keyword),
    oldValue: shown(before),
    newValue: shown(after),
  };
}

/** "StudyInstanceUID" → "Study Instance UID"; what Crossread has no name for keeps its number. */
function attributeName(path: string, keyword: string): string {
  const tag = path.split("/").at(-1) ?? "";
  const named = tag === "" ? undefined : tableRow(tag)?.name;
  if (named !== undefined) return named;
  if (keyword !== "") return keyword.replaceAll(/([a-z0-9])([A-Z])|([A-Z])([A-Z][a-z])/g, "$1$3 $2$4");
  const isPrivate = /^...[13579BDF]/.test(tag);
  return isPrivate ? "Private attribute" : "";
}

const wordReaders: Readonly<Record<string, (view: DataView, offset: number, isLittle: boolean) => number>> = {
  US: (view, offset, isLittle) => view.getUint16(offset, isLittle),
  SS: (view, offset, isLittle) => view.getInt16(offset, isLittle),
  UL: (view, offset, isLittle) => view.getUint32(offset, isLittle),
  SL: (view, offset, isLittle) => view.getInt32(offset, isLittle),
  FL: (view, offset, isLittle) => view.getFloat32(offset, isLittle),
  FD: (view, offset, isLittle) => view.getFloat64(offset, isLittle),
};
const wordBytes: Readonly<Record<string, number>> = { US: 2, SS: 2, UL: 4, SL: 4, FL: 4, FD: 8 };
const opaqueVrs = new Set(["OB", "OW", "OD", "OF", "OL", "OV"]);

function shownValue(element: DataElement | undefined, decoder: TextDecoder, isBigEndian: boolean): string {
  if (element === undefined) return "";
  const { tag, value, vr } = element;
  if (value.kind === "items") return `${value.items.length} ${value.items.length === 1 ? "item" : "items"}`;
  if (value.kind === "fragments") {
    return byteCount(value.fragments.parts.reduce((total, part) => total + part.length, 0));
  }
  const { bytes } = value;
  const read = wordReaders[vr];
  const width = wordBytes[vr];
  if (read !== undefined && width !== undefined && bytes.length >= width) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const count = Math.min(8, Math.floor(bytes.length / width));
    const words = Array.from({ length: count }, (_, index) => read(view, index * width, !isBigEndian));
    return shortened(words.join(" \\ "));
  }
  if (opaqueVrs.has(vr) || tag === pixelDataTag) return byteCount(bytes.length);
  const text = decoder.decode(bytes.subarray(0, 1024)).replaceAll("\0", "").trim();
  return /\p{Cc}/u.test(text.replaceAll(/\s/g, "")) ? byteCount(bytes.length) : shortened(text);
}

const byteCount = (count: number) => `${count} bytes`;
const shortened = (text: string) =>
  text.length > maxValueLength ? `${text.slice(0, maxValueLength)}…` : text;
