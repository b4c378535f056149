import { asciiElement, type DataElement } from "./data-element.ts";

/** Basic code sequence item (PS3.3 8.8). */
export function codedEntry(code: { scheme: string; value: string; meaning: string }): DataElement[] {
  return [
    asciiElement("00080100", "SH", code.value),
    asciiElement("00080102", "SH", code.scheme),
    asciiElement("00080104", "LO", code.meaning),
  ];
}
