import type {
  Participation,
  ReaderAllocation,
  ReaderStudyDesign,
  ReaderStudySettings,
} from "@crossread/contracts/reader-study-settings";

export const designTexts: Readonly<Record<ReaderStudyDesign, { title: string; text: string }>> = {
  sequential: {
    title: "Sequential",
    text: "Each case is read unaided, locked, and read again at once with the aid.",
  },
  crossover: {
    title: "Crossover",
    text: "Each case is read twice in independent sessions, unaided in one period and aided in the other; half of the cases are aided first.",
  },
};

export const allocationTexts: Readonly<Record<ReaderAllocation, { title: string; text: string }>> = {
  "fully-crossed": { title: "Fully crossed", text: "Every reader reads every case." },
  "split-plot": {
    title: "Split-plot",
    text: "Readers are split into groups; each group reads cases of its own.",
  },
  "double-reading": {
    title: "Double reading",
    text: "Each case is read by exactly two of the readers, in changing pairs.",
  },
};

export const participationTexts: Readonly<Record<Participation, string>> = {
  planned: "not invited yet",
  invited: "invited",
  accepted: "accepted",
  declined: "declined",
  withdrawn: "withdrawn",
};

export function designLine(settings: ReaderStudySettings): string {
  const allocation =
    settings.groupCount === null
      ? allocationTexts[settings.allocation].title
      : `${allocationTexts[settings.allocation].title}, ${settings.groupCount} groups`;
  const washout = settings.design === "crossover" ? `, ${settings.washoutDays} days of washout` : "";
  return `${designTexts[settings.design].title}${washout} · ${allocation}`;
}
