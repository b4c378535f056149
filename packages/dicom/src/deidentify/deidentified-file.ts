import type { ConfidentialityAction } from "./confidentiality-profile.ts";

/** What happened to one attribute; never its old value. */
export interface DeidentificationAction {
  /** Eight hexadecimal digits; inside a sequence with the tags that lead there, e.g. "00540220/00080104". */
  readonly tag: string;
  /** As in PS3.6 where the attribute is known to Crossread, else "" . */
  readonly keyword: string;
  readonly action: ConfidentialityAction;
  /** Why, in a few words for people. */
  readonly reason: string;
}

export interface PixelRegion {
  readonly xPx: number;
  readonly yPx: number;
  readonly widthPx: number;
  readonly heightPx: number;
}

export interface PixelFinding {
  /** "unchecked": the pixels were not decoded, so burned-in text is neither found nor excluded. */
  readonly status: "clean" | "suspected-text" | "unchecked";
  /** In pixels of the stored image. */
  readonly regions: readonly PixelRegion[];
}

export interface DeidentifiedFile {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** `<SOP Instance UID>.dcm`: nothing of the old name. */
  readonly fileName: string;
  readonly pseudonym: string;
  readonly studyInstanceUid: string;
  readonly seriesInstanceUid: string;
  readonly sopInstanceUid: string;
  readonly sopClassUid: string;
  /** The file was de-identified with this key before. */
  readonly wasOurs: boolean;
  readonly actions: readonly DeidentificationAction[];
  readonly pixels: PixelFinding;
  /** What a person has decided about these very pixels, now or in a pass before. */
  readonly pixelDecision: "masked" | "allowed" | undefined;
}

/** For the screen of the person who holds the file: with old values, which never leave that machine. */
export interface PreviewedAction extends DeidentificationAction {
  readonly name: string;
  readonly oldValue: string;
  /** "" where nothing remains. */
  readonly newValue: string;
}

export interface PreviewGroup {
  readonly kind: "removed" | "replaced" | "kept";
  readonly title: string;
  readonly attributes: readonly PreviewedAction[];
}

export interface DeidentificationPreview extends DeidentifiedFile {
  /** Removed first, then replaced, then kept; attributes in order of their tags. */
  readonly groups: readonly PreviewGroup[];
}
