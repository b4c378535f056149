/** What the file says about its own de-identification (PS3.15 E.1, PS3.3 C.7.1.1 and C.12.1.1.9). */
import { codedEntry } from "./coded-entry.ts";
import { confidentialityOptions, type DeidentificationProfile } from "./confidentiality-profile.ts";
import { confidentialityTableVersion } from "./confidentiality-table.ts";
import { asciiElement, asciiValues, type DataElement, sequenceElement } from "./data-element.ts";

const macPrefix = "mac:";
const basicCode = { code: "113100", meaning: "Basic Application Confidentiality Profile" };

export const markTags: ReadonlySet<string> = new Set(["00120062", "00120063", "00120064", "00280303"]);

export function deidentificationMark(profile: DeidentificationProfile, mac: string): DataElement[] {
  const { name, options } = profile;
  const codes = [
    basicCode,
    ...Object.entries(confidentialityOptions).flatMap(([option, code]) =>
      [...options].some((chosen) => chosen === option) ? [code] : [],
    ),
  ];
  const methods = [...name.split("+"), confidentialityTableVersion, `${macPrefix}${mac}`];
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

/** The MAC in De-identification Method (0012,0063), where there is one. */
export function readMac(method: DataElement | undefined): string | undefined {
  const value = asciiValues(method).find((text) => text.startsWith(macPrefix));
  return value?.slice(macPrefix.length);
}
