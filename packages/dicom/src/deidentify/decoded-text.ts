/** Text in the repertoire that the file names (PS3.5 6.1.2, PS3.3 C.12.1.1.2); for identity and preview, never for output. */
import { asciiValues, type DataElement, findElement, valueBytes } from "./data-element.ts";

/** Defined terms → labels of the Encoding Standard; with and without code extensions. */
const encodings: readonly (readonly [RegExp, string])[] = [
  [/^ISO_IR 192$/, "utf-8"],
  [/^(?:GB18030|GBK)$/, "gb18030"],
  [/^ISO(?:_IR| 2022 IR) 100$/, "iso-8859-1"],
  [/^ISO(?:_IR| 2022 IR) 101$/, "iso-8859-2"],
  [/^ISO(?:_IR| 2022 IR) 109$/, "iso-8859-3"],
  [/^ISO(?:_IR| 2022 IR) 110$/, "iso-8859-4"],
  [/^ISO(?:_IR| 2022 IR) 144$/, "iso-8859-5"],
  [/^ISO(?:_IR| 2022 IR) 127$/, "iso-8859-6"],
  [/^ISO(?:_IR| 2022 IR) 126$/, "iso-8859-7"],
  [/^ISO(?:_IR| 2022 IR) 138$/, "iso-8859-8"],
  [/^ISO(?:_IR| 2022 IR) 148$/, "iso-8859-9"],
  [/^ISO(?:_IR| 2022 IR) 203$/, "iso-8859-15"],
  [/^ISO(?:_IR| 2022 IR) 166$/, "windows-874"],
  [/^ISO_IR 13$/, "shift_jis"],
  [/^ISO 2022 IR (?:13|87|159)$/, "iso-2022-jp"],
  [/^ISO 2022 IR 149$/, "euc-kr"],
  [/^ISO 2022 IR 58$/, "gb18030"],
];

export function textDecoderOf(elements: readonly DataElement[]): TextDecoder {
  const named = asciiValues(findElement(elements, "00080005")).filter((term) => term !== "");
  const term = named.at(-1) ?? "";
  return new TextDecoder(encodings.find(([pattern]) => pattern.test(term))?.[1] ?? "iso-8859-1");
}

/** First value of a text element. */
export function decodedText(elements: readonly DataElement[], tag: string): string {
  const text = textDecoderOf(elements).decode(valueBytes(findElement(elements, tag)));
  return (text.split("\\")[0] ?? "").replaceAll("\0", "").trim();
}
