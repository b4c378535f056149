import type { TechnicalLabel } from "@crossread/contracts/technical-label";

interface LabelWords {
  readonly name: string;
  readonly meaning: string;
}

/** In plain words; the order is that of the chart. */
export const technicalLabelWords: Readonly<Record<TechnicalLabel, LabelWords>> = {
  implant: { name: "implant", meaning: "The file says that there is a breast implant." },
  "implant-displaced": {
    name: "implant pushed back",
    meaning: "The implant was pushed back: the whole gland is shown, the implant is not.",
  },
  "synthetic-2d": {
    name: "synthetic 2D",
    meaning: "Computed from tomosynthesis, not an exposure of its own.",
  },
  "contrast-low-energy": {
    name: "contrast agent",
    meaning: "Low-energy image of a contrast-enhanced study: the breast holds contrast agent.",
  },
  rolled: { name: "rolled", meaning: "The breast was rolled: tissue lies elsewhere than in a plain view." },
  "partial-breast": {
    name: "part of the breast",
    meaning: "Only part of the breast is shown: a lesion may lie on another image.",
  },
  "other-modifier": { name: "other special view", meaning: "The file names another special technique." },
  male: { name: "man", meaning: "Mammogram of a man." },
  "film-digitised": { name: "digitised film", meaning: "A scanned film, not a digital exposure." },
  "no-spacing": {
    name: "no pixel size",
    meaning: "The file does not say how far pixels lie apart: sizes cannot be measured.",
  },
  "side-doubtful": {
    name: "side in doubt",
    meaning:
      "The breast lies on the other side of the image than the file says: it may be mirrored or turned.",
  },
};

const words: Readonly<Record<string, LabelWords>> = technicalLabelWords;

/** A label of another version is shown as it is stored. */
export const wordsOf = (label: string): LabelWords => words[label] ?? { name: label, meaning: label };
