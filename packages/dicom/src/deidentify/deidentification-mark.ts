/** What the file says about its own de-identification (PS3.15 E.1, PS3.3 C.7.1.1 and C.12.1.1.9). */
import { codedEntry } from "./coded-entry.ts";
import { confidentialityOptions, type DeidentificationProfile } from "./confidentiality-profile.ts";
import { confidentialityTableVersion } from "./confidentiality-table.ts";
import { asciiElement, asciiValues, type DataElement, firstAscii, sequenceElement } from "./data-element.ts";
import { itemsOf } from "./items-of.ts";

const macPrefix = "mac:";
const seenPrefix = "seen:";
const basicCode = { code: "113100", meaning: "Basic Application Confidentiality Profile" };

export const markTags: ReadonlySet<string> = new Set(["00120062", "00120063", "00120064", "00280303"]);

export interface MarkContent {
  readonly mac: string;
  /** Something was masked in the pixels, now or in a pass before. */
  readonly hasCleanPixels: boolean;
  /** A person has decided about these very pixels. */
  readonly seenMac: string | undefined;
}

export function deidentificationMark(profile: DeidentificationProfile, content: MarkContent): DataElement[] {
  const { name } = profile;
  const options = new Set(profile.options);
  if (content.hasCleanPixels) options.add("clean-pixel-data");
  const codes = [
    basicCode,
    ...Object.entries(confidentialityOptions).flatMap(([option, code]) =>
      [...options].some((chosen) => chosen === option) ? [code] : [],
    ),
  ];
  const methods = [...name.split("+"), confidentialityTableVersion, `${macPrefix}${content.mac}`];
  if (content.seenMac !== undefined) methods.push(`${seenPrefix}${content.seenMac}`);
  const dates = options.has("retain-full-dates")
    ? "UNMODIFIED"
    : options.has("retain-modified-dates")
      ? "MODIFIED"
      : "REMOVED";
  return [
    asciiElement("00120062", "CS", "YES"),
    asciiElement("00120063", "LO", methods.join("\\")),
    sequenceElement(
      "00120064",
      codes.map(({ code, meaning }) => codedEntry({ scheme: "DCM", value: code, meaning })),
    ),
    asciiElement("00280303", "CS", dates),
  ];
}

/** Whether the code sequence of an earlier pass says that pixels were masked. */
export function hasCleanPixels(codes: DataElement | undefined): boolean {
  const { code } = confidentialityOptions["clean-pixel-data"];
  return codes !== undefined && itemsOf(codes).some((item) => firstAscii(item, "00080100") === code);
}

/** The MAC in De-identification Method (0012,0063), where there is one. */
export const readMac = (method: DataElement | undefined) => readMethod(method, macPrefix);

/** The MAC over pixels about which a person has decided. */
export const readSeenMac = (method: DataElement | undefined) => readMethod(method, seenPrefix);

function readMethod(method: DataElement | undefined, prefix: string): string | undefined {
  return asciiValues(method)
    .find((text) => text.startsWith(prefix))
    ?.slice(prefix.length);
}
