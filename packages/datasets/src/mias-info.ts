/** Label file of mini-MIAS (Suckling et al. 1994): prose, then one row per abnormality; its y axis counts from the bottom. */
import { DomainError } from "@crossread/contracts/errors";

export const miasTissues = {
  F: "fatty",
  G: "fatty-glandular",
  D: "dense-glandular",
} as const;
export type MiasTissue = keyof typeof miasTissues;

export const miasClasses = {
  CALC: "calcification",
  CIRC: "circumscribed-mass",
  SPIC: "spiculated-mass",
  MISC: "ill-defined-mass",
  ARCH: "architectural-distortion",
  ASYM: "asymmetry",
} as const;
export type MiasClass = keyof typeof miasClasses;

export interface MiasCircle {
  readonly xPx: number;
  /** From the bottom edge, as in the file. */
  readonly yFromBottomPx: number;
  readonly radiusPx: number;
}

export interface MiasAbnormality {
  readonly class: MiasClass;
  readonly severity: "B" | "M";
  /** Absent where calcifications are spread over the breast (note 3 of the file). */
  readonly circle: MiasCircle | undefined;
}

export interface MiasRow {
  readonly line: number;
  readonly imageId: string;
  readonly tissue: MiasTissue;
  /** Absent for NORM. */
  readonly abnormality: MiasAbnormality | undefined;
}

export interface MiasInfo {
  readonly rows: readonly MiasRow[];
  /** One per row that cannot be used. */
  readonly problems: readonly DomainError[];
}

export function parseMiasInfo(text: string, fileName: string): MiasInfo {
  const rows: MiasRow[] = [];
  const problems: DomainError[] = [];
  for (const [index, lineText] of text.split(/\r\n|\r|\n/).entries()) {
    const line = index + 1;
    if (!/^\s*mdb/i.test(lineText)) continue;
    const parsed = parseRow(lineText, line);
    const reason = typeof parsed === "string" ? parsed : conflictWith(rows, parsed);
    if (reason === undefined && typeof parsed !== "string") rows.push(parsed);
    else
      problems.push(
        new DomainError("label-invalid", `${fileName} line ${line}: ${reason}.`, { details: { line } }),
      );
  }
  return { rows, problems };
}

/** The row, or the reason why it is none. */
function parseRow(lineText: string, line: number): MiasRow | string {
  const [imageId = "", tissue = "", className = "", ...rest] = lineText.trim().split(/\s+/);
  if (!/^mdb\d{3}$/.test(imageId)) return `an image is named mdb and three digits, got "${imageId}"`;
  if (!isKeyOf(miasTissues, tissue)) return `tissue is F, G or D, got "${tissue}" for ${imageId}`;
  if (className === "NORM") {
    if (rest.length > 0) return `a NORM row ends after its class, got "${rest.join(" ")}" for ${imageId}`;
    return { line, imageId, tissue, abnormality: undefined };
  }
  if (!isKeyOf(miasClasses, className)) {
    return `class is NORM or one of ${Object.keys(miasClasses).join(", ")}, got "${className}" for ${imageId}`;
  }
  const [severity = "", ...place] = rest;
  if (severity !== "B" && severity !== "M") return `severity is B or M, got "${severity}" for ${imageId}`;
  const circle = parseCircle(place);
  if (circle === "invalid") {
    return `coordinates are three whole numbers x, y, radius > 0, a note in asterisks, or nothing, got "${place.join(" ")}" for ${imageId}`;
  }
  return { line, imageId, tissue, abnormality: { class: className, severity, circle } };
}

function parseCircle(place: readonly string[]): MiasCircle | undefined | "invalid" {
  if (place.length === 0 || /^\*NOTE \d+\*$/.test(place.join(" "))) return undefined;
  if (place.length !== 3 || !place.every((part) => /^\d{1,5}$/.test(part))) return "invalid";
  const [xPx = 0, yFromBottomPx = 0, radiusPx = 0] = place.map(Number);
  return radiusPx > 0 ? { xPx, yFromBottomPx, radiusPx } : "invalid";
}

function conflictWith(rows: readonly MiasRow[], row: MiasRow): string | undefined {
  const earlier = rows.filter(({ imageId }) => imageId === row.imageId);
  const [first] = earlier;
  if (first === undefined) return undefined;
  if (first.tissue !== row.tissue) {
    return `${row.imageId} has tissue ${row.tissue} but line ${first.line} says ${first.tissue}`;
  }
  if (first.abnormality === undefined || row.abnormality === undefined) {
    return `${row.imageId} is NORM in one of lines ${first.line} and ${row.line} but has another row`;
  }
  const twin = earlier.find(
    ({ abnormality }) => JSON.stringify(abnormality) === JSON.stringify(row.abnormality),
  );
  return twin === undefined ? undefined : `it repeats line ${twin.line} of ${row.imageId}`;
}

function isKeyOf<TTable extends object>(table: TTable, key: string): key is string & keyof TTable {
  return Object.hasOwn(table, key);
}
