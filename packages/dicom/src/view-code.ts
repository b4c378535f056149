/** Views and view modifiers of mammography: CID 4014 and CID 4015 of PS3.16, SNOMED CT and the older SNOMED-RT codes. */
import type { Laterality, View } from "@crossread/contracts/dataset-manifest";

/** Code value → name; CC and MLO are the two that a full-field examination consists of. */
const viewNames: Readonly<Record<string, string>> = {
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

const viewModifierNames: Readonly<Record<string, string>> = {
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
  "414493004": "rolled inferior",
  "442593008": "infra-mammary fold",
  "442580003": "axillary tissue",
  "441752004": "anterior compression",
  "442581004": "nipple in profile",
};

/** Name of a coded view; the code itself where the name is not known. */
export function viewName(codeValue: string): string {
  return viewNames[codeValue] ?? codeValue;
}

export function viewModifierName(codeValue: string): string {
  return viewModifierNames[codeValue] ?? codeValue;
}

export function toView(name: string | undefined): View | undefined {
  return name === "CC" || name === "MLO" ? name : undefined;
}

/** View Position in the forms that vendors write: "CC", "RCC", "RIGHT CC", "L MLO"; anything else keeps its own name. */
export function parseViewPosition(text: string): { laterality?: Laterality; name: string } {
  const match = /^(?:(L|R|LEFT|RIGHT)[\s_-]*)?([A-Z]+)$/.exec(text.trim().toUpperCase());
  const side = match?.[1];
  const name = match?.[2];
  // "LM", "LMO" and "RL" are views, not a side and a rest.
  if (name === undefined) return { name: text.trim() };
  if (side === undefined || viewsThatStartWithASide.has(`${side}${name}`))
    return { name: `${side ?? ""}${name}` };
  return { laterality: side.startsWith("L") ? "L" : "R", name };
}

const viewsThatStartWithASide = new Set(["LM", "LMO", "RL", "LL", "RM"]);
