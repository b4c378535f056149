/** Query parameters of a search (PS3.18 8.3.4) → what the database is asked. */
import type { DicomWebFilter } from "@crossread/db/dicomweb-search";
import { DicomWebRefusal } from "./dicomweb-refusal.ts";

export interface SearchQuery {
  /** Undefined where a fixed value of the platform excludes every match. */
  readonly filter: DicomWebFilter | undefined;
  readonly offset: number;
  readonly limit: number;
  readonly warnings: readonly string[];
}

export interface SearchTarget {
  readonly studyInstanceUid?: string | undefined;
  readonly seriesInstanceUid?: string | undefined;
}

const defaultLimit = 100;
const largestLimit = 1_000;
/** Every instance that the platform holds has it. */
const modality = "MG";

/** Matching keys by tag; those without a matcher may be asked for, but are not matched. */
const keys: Readonly<Record<string, string>> = {
  StudyDate: "00080020",
  StudyTime: "00080030",
  AccessionNumber: "00080050",
  Modality: "00080060",
  ModalitiesInStudy: "00080061",
  Manufacturer: "00080070",
  ReferringPhysicianName: "00080090",
  StudyDescription: "00081030",
  SeriesDescription: "0008103E",
  PatientName: "00100010",
  PatientID: "00100020",
  PatientBirthDate: "00100030",
  PatientSex: "00100040",
  SOPClassUID: "00080016",
  SOPInstanceUID: "00080018",
  ViewPosition: "00185101",
  StudyInstanceUID: "0020000D",
  SeriesInstanceUID: "0020000E",
  StudyID: "00200010",
  SeriesNumber: "00200011",
  InstanceNumber: "00200013",
  Laterality: "00200060",
  ImageLaterality: "00200062",
};
const tags = new Set(Object.values(keys));

type Mutable<TRecord> = { -readonly [TKey in keyof TRecord]: TRecord[TKey] };

export function parseSearchQuery(parameters: URLSearchParams, target: SearchTarget): SearchQuery {
  const filter: Mutable<DicomWebFilter> = {
    ...(target.studyInstanceUid === undefined ? {} : { studyInstanceUids: [target.studyInstanceUid] }),
    ...(target.seriesInstanceUid === undefined ? {} : { seriesInstanceUids: [target.seriesInstanceUid] }),
  };
  const unmatched: string[] = [];
  let isPossible = true;
  for (const [name, value] of parameters) {
    if (controls.has(name.toLowerCase())) continue;
    const tag = tagOf(name);
    // PS3.4 C.2.2.2.3: an empty value, and * alone, match everything.
    if (value === "" || value === "*") continue;
    const matcher = matchers[tag];
    if (matcher === undefined) unmatched.push(name);
    else isPossible = matcher(filter, value) && isPossible;
  }
  const warnings: string[] = [];
  if (unmatched.length > 0) {
    warnings.push(`These attributes are not matched and were left out: ${unmatched.join(", ")}`);
  }
  if (parameters.get("fuzzymatching") === "true") {
    warnings.push("The fuzzymatching parameter is not supported. Only literal matching has been performed.");
  }
  for (const field of parameters.getAll("includefield").flatMap((text) => text.split(","))) {
    if (field !== "all" && field !== "") assertAttribute(field);
  }
  return {
    filter: isPossible ? filter : undefined,
    limit: Math.min(largestLimit, whole(parameters, "limit") ?? defaultLimit),
    offset: whole(parameters, "offset") ?? 0,
    warnings,
  };
}

const controls = new Set(["limit", "offset", "includefield", "fuzzymatching", "accept"]);

function tagOf(name: string): string {
  const tag = keys[name] ?? name.toUpperCase();
  if (!tags.has(tag)) {
    throw new DicomWebRefusal(
      400,
      "A search takes attributes of patient, study, series and instance by keyword or tag.",
    );
  }
  return tag;
}

/** Attributes may be asked for that no search answers; only what is no attribute at all is refused. */
function assertAttribute(field: string): void {
  if (!/^([0-9A-Fa-f]{8}|[A-Za-z][A-Za-z0-9]*)(\.([0-9A-Fa-f]{8}|[A-Za-z][A-Za-z0-9]*))*$/.test(field)) {
    throw new DicomWebRefusal(400, "includefield takes keywords, tags of eight digits, or all.");
  }
}

function whole(parameters: URLSearchParams, name: string): number | undefined {
  const text = parameters.get(name);
  if (text === null) return undefined;
  if (!/^\d{1,9}$/.test(text)) throw new DicomWebRefusal(400, `${name} takes a whole number.`);
  return Number(text);
}

/** Sets the filter; false where nothing here can match. */
type Matcher = (filter: Mutable<DicomWebFilter>, value: string) => boolean;

const set =
  (apply: (filter: Mutable<DicomWebFilter>, value: string) => void): Matcher =>
  (filter, value) => {
    apply(filter, value);
    return true;
  };

const matchers: Readonly<Record<string, Matcher>> = {
  // The pseudonym stands in for both.
  "00100010": set((filter, value) => (filter.patientId = value)),
  "00100020": set((filter, value) => (filter.patientId = value)),
  "00080070": set((filter, value) => (filter.manufacturer = value)),
  "00080020": set((filter, value) => (filter.studyDate = dateRange(value))),
  "0020000D": (filter, value) => narrow(filter, "studyInstanceUids", value),
  "0020000E": (filter, value) => narrow(filter, "seriesInstanceUids", value),
  "00080018": (filter, value) => narrow(filter, "sopInstanceUids", value),
  "00080016": (filter, value) => narrow(filter, "sopClassUids", value),
  "00080060": (_filter, value) => matchesText(value, modality),
  "00080061": (_filter, value) => matchesText(value, modality),
  "00200060": lateralityOf,
  "00200062": lateralityOf,
  "00185101": (filter, value) => {
    const view = value.toUpperCase();
    if (view !== "CC" && view !== "MLO") return false;
    filter.view = view;
    return true;
  },
};

function lateralityOf(filter: Mutable<DicomWebFilter>, value: string): boolean {
  if (value !== "L" && value !== "R") return false;
  filter.laterality = value;
  return true;
}

/** A list of UIDs, and at the same time what the address says already. */
function narrow(
  filter: Mutable<DicomWebFilter>,
  key: "studyInstanceUids" | "seriesInstanceUids" | "sopInstanceUids" | "sopClassUids",
  value: string,
): boolean {
  const given = value.split(/[\\,]/).map((uid) => uid.trim());
  if (!given.every((uid) => /^[0-9.]{1,64}$/.test(uid))) {
    throw new DicomWebRefusal(400, "A UID consists of at most 64 digits and dots.");
  }
  const known = filter[key];
  filter[key] = known === undefined ? given : known.filter((uid) => given.includes(uid));
  return filter[key].length > 0;
}

/** DA range matching (PS3.4 C.2.2.2.5.1): one day, or a range that may be open at one end. */
function dateRange(value: string): { from?: string; to?: string } {
  const match = /^(\d{8})?(-)?(\d{8})?$/.exec(value);
  const [, first, dash, last] = match ?? [];
  if (
    match === null ||
    (first === undefined && last === undefined) ||
    (dash === undefined && last !== undefined)
  ) {
    throw new DicomWebRefusal(400, "StudyDate takes YYYYMMDD, or a range as in 20240101-20241231.");
  }
  const from = first === undefined ? undefined : isoDate(first);
  const to = dash === undefined ? from : last === undefined ? undefined : isoDate(last);
  return { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
}

function isoDate(text: string): string {
  const iso = `${text.slice(0, 4)}-${text.slice(4, 6)}-${text.slice(6)}`;
  const at = new Date(`${iso}T00:00:00Z`);
  if (Number.isNaN(at.getTime()) || at.toISOString().slice(0, 10) !== iso) {
    throw new DicomWebRefusal(400, "StudyDate takes days that the calendar has.");
  }
  return iso;
}

function matchesText(pattern: string, text: string): boolean {
  return pattern.split(/[\\,]/).some((one) => {
    const source = one
      .trim()
      .replace(/[.+^${}()|[\]\\]/g, "\\$&")
      .replaceAll("*", ".*")
      .replaceAll("?", ".");
    return new RegExp(`^${source}$`).test(text);
  });
}
