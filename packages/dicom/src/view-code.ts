/** Views and view modifiers of mammography: CID 4014 and CID 4015 of PS3.16, SNOMED CT and the older SNOMED-RT codes. */
import type { Laterality, View } from "@crossread/contracts/dataset-manifest";

/** Code value → name; CC and MLO are the two that a full-field examination consists of. */
export const viewNames: Readonly<Record<string, string>> = {
  "399162004": "CC",
  "R-10242": "CC",
  "399368009": "MLO",
  "R-10226": "MLO",
  "399260004": "ML",
  "R-10224": "ML",
  "399352003": "LM",
  "R-10228": "LM",
  "399099002": "LMO",
  "R-10230": "LMO",
  "399196006": "FB",
  "R-10244": "FB",
  "399188001": "SIO",
  "R-102D0": "SIO",
  "441555000": "ISO",
  "R-40AAA": "ISO",
  "399192008": "XCCL",
  "R-1024A": "XCCL",
  "399101009": "XCCM",
  "R-1024B": "XCCM",
  "127457009": "specimen",
  "G-8310": "specimen",
};

export const viewModifierNames: Readonly<Record<string, string>> = {
  "399163009": "magnification",
  "R-102D6": "magnification",
  "399055006": "spot compression",
  "R-102D7": "spot compression",
  "399209000": "implant displaced",
  "R-102D5": "implant displaced",
  "399161006": "cleavage",
  "R-102D2": "cleavage",
  "399011000": "axillary tail",
  "R-102D1": "axillary tail",
  "399110001": "tangential",
  "R-102C2": "tangential",
  "399197002": "rolled lateral",
  "R-102D3": "rolled lateral",
  "399226006": "rolled medial",
  "R-102D4": "rolled medial",
  "415670009": "rolled superior",
  "R-102C9": "rolled superior",
  "414493004": "rolled inferior",
  "R-102CA": "rolled inferior",
  "442593008": "infra-mammary fold",
  "R-40ABE": "infra-mammary fold",
  "442580003": "axillary tissue",
  "R-40AB2": "axillary tissue",
  "441752004": "anterior compression",
  "P2-00161": "anterior compression",
  "442581004": "nipple in profile",
  "R-40AB3": "nipple in profile",
};

/** Name of a coded view; the code itself where the name is not known. */
export function viewName(codeValue: string): string {
  return viewNames[codeValue] ?? codeValue;
}

/** Whether a name is one of this table's or letters that vendors write; anything else is a text that may say anything. */
export function isKnownView(name: string): boolean {
  return Object.values(viewNames).includes(name) || viewLetters.split("|").includes(name);
}

export function viewModifierName(codeValue: string): string {
  return viewModifierNames[codeValue] ?? codeValue;
}

export function toView(name: string | undefined): View | undefined {
  return name === "CC" || name === "MLO" ? name : undefined;
}

export interface ViewPosition {
  readonly laterality?: Laterality;
  readonly name: string;
  /** In the words of CID 4015. */
  readonly modifiers: readonly string[];
}

/** Views by their letters (ACR, CID 4014); AT and CV are views of their own where vendors write them as such. */
export const viewLetters = "MLO|LMO|ML|LM|CC|XCCL|XCCM|XCC|SIO|ISO|FB|AT|CV";
const sides = "L|R|LEFT|RIGHT";
export const viewPositionPattern = new RegExp(
  `^(?:(${sides})[\\s_-]*)?(MS|SM|M|S)?(${viewLetters})(ID|RL|RM|RI|RS|NP|AC|AX|IMF|TAN)?(?:[\\s_-]+(${sides}))?$`,
);

const prefixModifiers: Readonly<Record<string, readonly string[]>> = {
  M: ["magnification"],
  S: ["spot compression"],
  MS: ["magnification", "spot compression"],
  SM: ["magnification", "spot compression"],
};
const suffixModifiers: Readonly<Record<string, string>> = {
  ID: "implant displaced",
  RL: "rolled lateral",
  RM: "rolled medial",
  RI: "rolled inferior",
  RS: "rolled superior",
  NP: "nipple in profile",
  AC: "anterior compression",
  AX: "axillary tissue",
  IMF: "infra-mammary fold",
  TAN: "tangential",
};

/** View Position in the forms that vendors write: "CC", "RCC", "RIGHT CC", "CC-L", "CCID", "RSMLO"; else its own text. */
export function parseViewPosition(text: string): ViewPosition {
  const upper = text.trim().toUpperCase();
  // "LM", "LMO" and "ML" begin with letters that also name a side or a modifier: a whole view goes first.
  if (new RegExp(`^(?:${viewLetters})$`).test(upper)) return { name: upper, modifiers: [] };
  const match = viewPositionPattern.exec(upper);
  const name = match?.[3];
  if (match === null || name === undefined) return { name: text.trim(), modifiers: [] };
  const side = match[1] ?? match[5];
  const suffix = suffixModifiers[match[4] ?? ""];
  return {
    ...(side === undefined ? {} : { laterality: side.startsWith("L") ? "L" : "R" }),
    name,
    modifiers: [...(prefixModifiers[match[2] ?? ""] ?? []), ...(suffix === undefined ? [] : [suffix])],
  };
}
