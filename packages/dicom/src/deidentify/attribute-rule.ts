/** How the value of a kept attribute is checked: what does not look exactly as it must is not kept. */
export type AttributeRule =
  /** CS and closed LO values: every value is one of these, others become the fallback or empty. */
  | { readonly kind: "terms"; readonly pattern: RegExp; readonly fallback?: string }
  /** DS and IS within a range. */
  | { readonly kind: "number"; readonly min: number; readonly max: number }
  /** US, SS, UL, FL, FD …: whole words, at most so many. */
  | { readonly kind: "binary"; readonly wordBytes: number; readonly maxCount: number }
  /** A UID that becomes another one. */
  | { readonly kind: "uid" }
  /** A UID of the standard that names a kind of object. */
  | { readonly kind: "class-uid" }
  | { readonly kind: "date" | "time" | "date-time" | "age" }
  /** Names and versions of devices: words of a vocabulary and version numbers. */
  | { readonly kind: "device" }
  /** Printable ASCII, under an option that asks to retain it. */
  | { readonly kind: "retained-text" }
  | { readonly kind: "pseudonym" }
  | { readonly kind: "dummy"; readonly value: string }
  | { readonly kind: "items" }
  /** Items that are codes of a closed table, written with our meaning. */
  | { readonly kind: "codes"; readonly unknown?: { readonly value: string; readonly meaning: string } }
  | { readonly kind: "lut" }
  | { readonly kind: "pixels" };

export interface AllowedAttribute {
  readonly tag: string;
  readonly keyword: string;
  readonly vr: string;
  readonly rule: AttributeRule;
  /** Type 1 and 2 stay, if need be empty (PS3.3); type 3 goes when it may not be kept. */
  readonly isRequired: boolean;
}

export const anyTerm = (...terms: string[]): AttributeRule => ({
  kind: "terms",
  pattern: new RegExp(
    `^(?:${terms.map((term) => term.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("|")})$`,
  ),
});
export const matching = (pattern: RegExp): AttributeRule => ({ kind: "terms", pattern });
export const within = (min: number, max: number): AttributeRule => ({ kind: "number", min, max });
export const words = (wordBytes: number, maxCount: number): AttributeRule => ({
  kind: "binary",
  wordBytes,
  maxCount,
});
