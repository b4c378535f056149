import type { DiscordanceKind } from "@crossread/contracts/discordance";

export const kindOrder: readonly DiscordanceKind[] = [
  "reader-reader",
  "reader-reference",
  "reader-ai",
  "ai-changed",
];

export const kindNames: Readonly<Record<DiscordanceKind, string>> = {
  "reader-reader": "Reader – reader",
  "reader-reference": "Reader – reference",
  "reader-ai": "Reader – AI",
  "ai-changed": "AI changed",
};

export const kindLeads: Readonly<Record<DiscordanceKind, string>> = {
  "reader-reader": "recall differs, or BI-RADS or suspicion are as far apart as set here",
  "reader-reference": "recall of a breast that is not malignant, no recall of one that is",
  "reader-ai": "recall against the model’s decision at its operating point",
  "ai-changed": "an earlier checkpoint of the same training run decided otherwise",
};

export const breastNames = { R: "right", L: "left" } as const;
