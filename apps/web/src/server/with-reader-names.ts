/** Puts names in the place of readers' ids in the sentences that say why something is undefined, wherever they are. */
export function withReaderNames<TValue>(value: TValue, names: Readonly<Record<string, string>>): TValue {
  return named(value, names) as TValue;
}

function named(value: unknown, names: Readonly<Record<string, string>>): unknown {
  if (value === null || typeof value !== "object" || value instanceof Date) return value;
  if (Array.isArray(value)) return value.map((item: unknown) => named(item, names));
  return Object.fromEntries(
    Object.entries(value).map(([key, item]: [string, unknown]) => [
      key,
      key === "undefined" && typeof item === "string" ? inWords(item, names) : named(item, names),
    ]),
  );
}

const uuid = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;

const inWords = (sentence: string, names: Readonly<Record<string, string>>): string =>
  sentence.replaceAll(uuid, (id) => names[id] ?? id);
