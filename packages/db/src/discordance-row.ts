import type { DiscordanceKind } from "@crossread/contracts/discordance";
import type { DiscordanceKind as DiscordanceKindRow } from "./generated/enums.ts";

/** An enum member of Prisma cannot hold the hyphens of the contract. */
const rows = {
  "reader-reader": "reader_reader",
  "reader-reference": "reader_reference",
  "reader-ai": "reader_ai",
  "ai-changed": "ai_changed",
} as const satisfies Record<DiscordanceKind, DiscordanceKindRow>;

export const toDiscordanceKindRow = (kind: DiscordanceKind): DiscordanceKindRow => rows[kind];

export const fromDiscordanceKindRow = (row: DiscordanceKindRow): DiscordanceKind =>
  row === "reader_reader"
    ? "reader-reader"
    : row === "reader_reference"
      ? "reader-reference"
      : row === "reader_ai"
        ? "reader-ai"
        : "ai-changed";
