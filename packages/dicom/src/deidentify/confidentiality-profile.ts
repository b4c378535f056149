/** Basic Application Level Confidentiality Profile and its options (PS3.15 E.2, E.3), as named profiles. */
import { DomainError } from "@crossread/contracts/errors";

/** PS3.15 table E.1-1a: dummy, empty, remove, keep, clean, replace the UID. */
export type ConfidentialityAction = "D" | "Z" | "X" | "K" | "C" | "U";

/** Option → its code of context group 7050 (PS3.16). */
export const confidentialityOptions = {
  "clean-pixel-data": { code: "113101", meaning: "Clean Pixel Data Option" },
  "clean-recognizable-visual-features": {
    code: "113102",
    meaning: "Clean Recognizable Visual Features Option",
  },
  "clean-graphics": { code: "113103", meaning: "Clean Graphics Option" },
  "clean-structured-content": { code: "113104", meaning: "Clean Structured Content Option" },
  "clean-descriptors": { code: "113105", meaning: "Clean Descriptors Option" },
  "retain-full-dates": {
    code: "113106",
    meaning: "Retain Longitudinal Temporal Information Full Dates Option",
  },
  "retain-modified-dates": {
    code: "113107",
    meaning: "Retain Longitudinal Temporal Information Modified Dates Option",
  },
  "retain-patient-characteristics": { code: "113108", meaning: "Retain Patient Characteristics Option" },
  "retain-device-identity": { code: "113109", meaning: "Retain Device Identity Option" },
  "retain-uids": { code: "113110", meaning: "Retain UIDs Option" },
  "retain-safe-private": { code: "113111", meaning: "Retain Safe Private Option" },
  "retain-institution-identity": { code: "113112", meaning: "Retain Institution Identity Option" },
} as const satisfies Record<string, { code: string; meaning: string }>;
export type ConfidentialityOption = keyof typeof confidentialityOptions;

export interface DeidentificationProfile {
  /** Written to the file and the receipt; base and options can be read off it. */
  readonly name: string;
  readonly options: ReadonlySet<ConfidentialityOption>;
}

const crossreadOptions: readonly ConfidentialityOption[] = [
  "clean-descriptors",
  "clean-graphics",
  "retain-modified-dates",
  "retain-patient-characteristics",
];

/** What uploads go through: keeps what reading, the model and the analysis of fairness need. */
export const crossreadMammography: DeidentificationProfile = {
  name: "crossread-mammography",
  options: new Set(crossreadOptions),
};

export const basicProfile: DeidentificationProfile = { name: "basic", options: new Set() };

const bases = [crossreadMammography, basicProfile];

/** "crossread-mammography", "basic", or a base with options: "basic+retain-modified-dates+clean-descriptors". */
export function parseDeidentificationProfile(text: string): DeidentificationProfile {
  const [baseName = "", ...optionNames] = text.trim().split("+");
  const base = bases.find(({ name }) => name === baseName);
  if (base === undefined) {
    throw new DomainError(
      "usage",
      `A profile begins with ${bases.map(({ name }) => name).join(" or ")}, but "${text}" does not.`,
    );
  }
  const options = new Set(base.options);
  for (const name of optionNames) {
    if (!isOption(name)) {
      throw new DomainError(
        "usage",
        `The options of a profile are ${Object.keys(confidentialityOptions).join(", ")}, but "${text}" has "${name}".`,
      );
    }
    options.add(name);
  }
  if (options.has("retain-full-dates") && options.has("retain-modified-dates")) {
    throw new DomainError(
      "usage",
      `A profile retains full dates or modified dates, but "${text}" asks for both.`,
    );
  }
  const added = Object.keys(confidentialityOptions).filter(
    (name) => isOption(name) && options.has(name) && !base.options.has(name),
  );
  return { name: [base.name, ...added].join("+"), options };
}

function isOption(name: string): name is ConfidentialityOption {
  return Object.hasOwn(confidentialityOptions, name);
}
