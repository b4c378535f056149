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

const timePattern = /^([01]\d|2[0-3]):?([0-5]\d)?:?([0-5]\d|60)?(?:\.\d{1,6})?$/;
const daySeconds = 86_400;

/** TM in seconds since midnight, without its fraction; undefined where it is none. */
export function secondsOfDay(value: string): number | undefined {
  const match = timePattern.exec(value);
  if (match === null) return undefined;
  const [, hours = "", minutes = "0", seconds = "0"] = match;
  return Number(hours) * 3_600 + Number(minutes) * 60 + Number(seconds);
}

/** TM moved by whole seconds, to the second, around midnight where need be. */
export function moveTime(value: string, seconds: number): string | undefined {
  const before = secondsOfDay(value);
  return before === undefined ? undefined : clock((before + seconds + daySeconds) % daySeconds);
}

/** TM as it is, where it is one. */
export const keepTime = (value: string): string | undefined => (timePattern.test(value) ? value : undefined);

const clock = (seconds: number): string =>
  [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60, seconds % 60]
    .map((part) => String(part).padStart(2, "0"))
    .join("");

const dateTimePattern = /^(\d{8})(\d{2,6})?(?:\.\d{1,6})?(?:[+-]\d{4})?$/;

/** DT moved by days and seconds, to the second; offset from UTC and fraction go. */
export function moveDateTime(value: string, days: number, seconds: number): string | undefined {
  const match = dateTimePattern.exec(value);
  if (match === null) return undefined;
  const [, date = "", time] = match;
  if (time === undefined) return shiftDate(date, days);
  const before = secondsOfDay(time);
  const moved = moveTime(time, seconds);
  if (before === undefined || moved === undefined) return undefined;
  const movedDate = shiftDate(date, days - Math.floor((before + seconds) / daySeconds));
  return movedDate === undefined ? undefined : movedDate + moved;
}

/** DT as it is, where it is one. */
export function keepDateTime(value: string): string | undefined {
  const match = dateTimePattern.exec(value);
  const isValid =
    match !== null &&
    shiftDate(match[1] ?? "", 0) !== undefined &&
    (match[2] === undefined || timePattern.test(match[2]));
  return isValid ? value : undefined;
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
