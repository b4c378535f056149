/** Dates moved back by whole days; what is no date of the calendar becomes undefined (PS3.5 6.2). */

const dayMs = 86_400_000;

/** DA, YYYYMMDD, also in the retired form YYYY.MM.DD. */
export function shiftDate(value: string, days: number): string | undefined {
  const match = /^(\d{4})\.?(\d{2})\.?(\d{2})$/.exec(value);
  if (match === null) return undefined;
  const [, year = "", month = "", day = ""] = match;
  const at = Date.parse(`${year}-${month}-${day}T00:00:00Z`);
  if (Number.isNaN(at) || new Date(at).getUTCDate() !== Number(day) || Number(year) < 1900) return undefined;
  return new Date(at - days * dayMs).toISOString().slice(0, 10).replaceAll("-", "");
}

/** TM to the second; the fraction goes. */
export function cleanTime(value: string): string | undefined {
  const match = /^([01]\d|2[0-3]):?([0-5]\d)?:?([0-5]\d|60)?(?:\.\d{1,6})?$/.exec(value);
  return match === null ? undefined : match.slice(1).join("");
}

/** DT to the second; offset from UTC and fraction go. */
export function shiftDateTime(value: string, days: number): string | undefined {
  const match = /^(\d{8})(\d{2,6})?(?:\.\d{1,6})?(?:[+-]\d{4})?$/.exec(value);
  const date = match === null ? undefined : shiftDate(match[1] ?? "", days);
  const time = match?.[2] === undefined ? "" : cleanTime(match[2]);
  return date === undefined || time === undefined ? undefined : date + time;
}

const maxAgeYears = 90;
const unitsPerYear: Readonly<Record<string, number>> = { D: 365.25, W: 52.18, M: 12, Y: 1 };

/** AS, capped at 90 years. */
export function capAge(value: string): string | undefined {
  const match = /^(\d{3})([DWMY])$/.exec(value);
  if (match === null) return undefined;
  const years = Number(match[1]) / unitsPerYear[match[2] ?? "Y"]!;
  return years > maxAgeYears ? `0${maxAgeYears}Y` : value;
}

/** Whole years between two dates as AS, capped at 90; undefined where one is no date. */
export function ageAt(birthDate: string, studyDate: string): string | undefined {
  const birth = shiftDate(birthDate, 0);
  const study = shiftDate(studyDate, 0);
  if (birth === undefined || study === undefined || study < birth) return undefined;
  const years = Math.floor((Number(study) - Number(birth)) / 10_000);
  return `${String(Math.min(years, maxAgeYears)).padStart(3, "0")}Y`;
}
