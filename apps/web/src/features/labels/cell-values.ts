import { labelBiradsSchema, type LabelBirads, type ReferenceSource } from "@crossread/contracts/breast-label";
import type { Laterality } from "@crossread/contracts/dataset-manifest";
import type { LabelMapping } from "@crossread/contracts/label-import";
import { densitySchema, type Density } from "@crossread/contracts/reading";

/** What cells say. Undefined: it cannot be read; null: it says that nothing is known. */

const unknownWords = new Set([
  "",
  "-",
  "–",
  "?",
  "unknown",
  "unbekannt",
  "n/a",
  "na",
  "nan",
  "null",
  "none",
  "missing",
]);

const word = (cell: string) => cell.trim().toLowerCase();

/**
 * Words that mean one thing only. Precursors and lesions of uncertain potential (B3, LCIS, atypia) are left to the
 * person who imports.
 */
const findingPatterns: readonly (readonly [RegExp, "normal" | "benign" | "malignant" | "unknown"])[] = [
  [/^(normal|negative?|no finding|no findings|healthy|unauffällig|unauffaellig|o\.?b\.?)$/, "normal"],
  [
    /^(benigne?|benign[_ ]without[_ ]callback|gutartig|b2|fibroadenoma|fibroadenom|cyst|zyste|lipoma)$/,
    "benign",
  ],
  [
    /^(malign(ant|e)?|maligne?|bösartig|boesartig|cancer|carcinoma|karzinom|b5[ab]?|dcis|idc|ilc|invasive .*carcinoma)$/,
    "malignant",
  ],
  [/^(unknown|unbekannt|pending|n\/a|na|nan|null|missing|\?|-|–)$/, "unknown"],
];

export const guessFinding = (cell: string) =>
  findingPatterns.find(([pattern]) => pattern.test(word(cell)))?.[1];

/** Both breasts only where the cell says both. */
export function parseLateralities(cell: string): readonly Laterality[] | null | undefined {
  const text = word(cell);
  if (/^(r|right|rechts|rt|droite|dcha|r\.)$/.test(text)) return ["R"];
  if (/^(l|left|links|lt|gauche|izda|l\.)$/.test(text)) return ["L"];
  if (/^(b|both|bilateral|beide|beidseits|l\+r|r\+l|rl|lr)$/.test(text)) return ["R", "L"];
  return unknownWords.has(text) ? null : undefined;
}

export function parseBirads(cell: string): LabelBirads | null | undefined {
  const text = word(cell)
    .replace(/^(bi-?rads|acr|cat(egory)?)\s*:?\s*/, "")
    .toUpperCase();
  if (unknownWords.has(text.toLowerCase())) return null;
  return labelBiradsSchema.safeParse(text.replace(/\.0$/, "")).data;
}

/** The numbers 1 to 4 of older editions are A to D; 0 and anything else is nothing, and surely not A. */
export function parseDensity(cell: string): Density | null | undefined {
  const text = word(cell)
    .replace(/^(acr|bi-?rads|density|typ|type)\s*:?\s*/, "")
    .replace(/\.0$/, "")
    .toUpperCase();
  if (unknownWords.has(text.toLowerCase())) return null;
  const numbered = { "1": "A", "2": "B", "3": "C", "4": "D" } as const;
  return densitySchema.safeParse(numbered[text as keyof typeof numbered] ?? text).data;
}

export function parseSource(cell: string): ReferenceSource | null | undefined {
  const text = word(cell).replaceAll(/[-_]/g, " ");
  if (unknownWords.has(text)) return null;
  if (/^(pathology|histology|histopathology|biopsy|surgery|op|pathologie|histologie|biopsie)$/.test(text))
    return "pathology";
  if (/^(follow ?up|fu|nachbeobachtung|verlauf)$/.test(text)) return "follow-up";
  if (/^(reader( consensus)?|readers|consensus|konsens|panel)$/.test(text)) return "reader-consensus";
  if (/^(data ?set|datensatz)$/.test(text)) return "data-set";
  return undefined;
}

export function parseMonths(cell: string): number | null | undefined {
  const text = word(cell);
  if (unknownWords.has(text)) return null;
  const months = /^\d{1,3}(\.0)?$/.test(text) ? Number(text) : 0;
  return months >= 1 && months <= 240 ? months : undefined;
}

export function parseYesNo(cell: string): boolean | null | undefined {
  const text = word(cell);
  if (/^(1|y|yes|true|ja|j|x)$/.test(text)) return true;
  if (/^(0|n|no|false|nein)$/.test(text)) return false;
  return unknownWords.has(text) ? null : undefined;
}

export type DateOrder = LabelMapping["dateOrder"];

/** To yyyy-mm-dd. Year first and DICOM's eight digits are read in any order; two-digit years never. */
export function parseDate(cell: string, order: DateOrder): string | null | undefined {
  const text = word(cell).replace(/[t ]\d{1,2}:\d{2}.*$/, "");
  if (unknownWords.has(text)) return null;
  const yearFirst = /^(\d{4})[-./]?(\d{2})[-./]?(\d{2})$/.exec(text);
  if (yearFirst !== null) return toIsoDate(yearFirst[1], yearFirst[2], yearFirst[3]);
  const yearLast = /^(\d{1,2})[-./](\d{1,2})[-./](\d{4})$/.exec(text);
  if (yearLast === null || order === "ymd") return undefined;
  const [, first, second, year] = yearLast;
  return order === "dmy" ? toIsoDate(year, second, first) : toIsoDate(year, first, second);
}

function toIsoDate(year = "", month = "", day = ""): string | undefined {
  const iso = `${year}-${month.padStart(2, "0")}-${day.padStart(2, "0")}`;
  const date = new Date(`${iso}T00:00:00Z`);
  return Number.isNaN(date.getTime()) || date.toISOString().slice(0, 10) !== iso ? undefined : iso;
}

/** The only order in which every date exists; undefined where several fit or none does. */
export function guessDateOrder(cells: readonly string[]): DateOrder | undefined {
  const filled = cells.filter((cell) => !unknownWords.has(word(cell)));
  if (filled.length === 0) return undefined;
  const fitting = (["ymd", "dmy", "mdy"] as const).filter((order) =>
    filled.every((cell) => parseDate(cell, order) !== undefined),
  );
  return fitting.includes("ymd") ? "ymd" : fitting.length === 1 ? fitting[0] : undefined;
}

/** A stored date is the hospital's, moved back by as many days. */
export function shiftDate(isoDate: string, days: number): string {
  const date = new Date(`${isoDate}T00:00:00Z`);
  date.setUTCDate(date.getUTCDate() - days);
  return date.toISOString().slice(0, 10);
}
