/** Codes that may stay, with the meaning that we write for them: the text beside a code is free text to whoever filled it. */
import { viewModifierNames, viewNames } from "../view-code.ts";

const breast = "breast";
const anatomy: Readonly<Record<string, string>> = { "76752008": breast, "T-04000": breast };
const lateralities: Readonly<Record<string, string>> = {
  "24028007": "right",
  "G-A100": "right",
  "7771000": "left",
  "G-A101": "left",
  "51440002": "right and left",
  "G-A102": "right and left",
};
const partialViewParts: Readonly<Record<string, string>> = {
  "255551008": "posterior",
  "255549009": "anterior",
  "264217000": "superior",
  "261089000": "inferior",
  "255561001": "medial",
  "49370004": "lateral",
};

const codeMeanings: Readonly<Record<string, string>> = {
  ...viewNames,
  ...viewModifierNames,
  ...anatomy,
  ...lateralities,
  ...partialViewParts,
};

/** Scheme and meaning of a code of the table; a scheme follows from how the code is written. */
export function knownCode(codeValue: string): { scheme: string; meaning: string } | undefined {
  const meaning = codeMeanings[codeValue];
  if (meaning === undefined) return undefined;
  return { scheme: /^\d+$/.test(codeValue) ? "SCT" : "SRT", meaning };
}
