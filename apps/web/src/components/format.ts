const formats = new Map<string, Intl.NumberFormat>();

/** In the user's locale, with a fixed number of decimals so that columns align; what rounds to 0 has no sign. */
export function decimal(value: number, digits: number): string {
  const key = `decimal ${digits}`;
  const format =
    formats.get(key) ??
    new Intl.NumberFormat(undefined, {
      minimumFractionDigits: digits,
      maximumFractionDigits: digits,
      signDisplay: "negative",
    });
  formats.set(key, format);
  return format.format(value);
}

export const count = (value: number): string => new Intl.NumberFormat().format(value);

export const percent = (share: number, digits = 0): string =>
  new Intl.NumberFormat(undefined, {
    style: "percent",
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  }).format(share);

export function bytes(sizeBytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  const power = sizeBytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(sizeBytes) / 3));
  return `${decimal(sizeBytes / 1_000 ** power, power === 0 ? 0 : 1)} ${units[power] ?? "B"}`;
}

export const date = (at: Date): string =>
  new Intl.DateTimeFormat(undefined, { dateStyle: "medium" }).format(at);

export const dateTime = (at: Date): string =>
  new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" }).format(at);

export const shortHash = (hash: string): string => hash.slice(0, 12);

export function duration(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1_000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
