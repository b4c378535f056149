import type { ReadingStructure } from "@crossread/contracts/reader-study-analysis";

export interface ReadingGroups {
  readonly structure: ReadingStructure;
  /** Readers who share all their cases, in the order in which they came. */
  readonly groups: readonly (readonly number[])[];
  /** This structure in a sentence. */
  readonly note: string;
}

/** How readers and cases go together, from who was given what. */
export function readingGroups(
  readers: readonly { readonly reader: number; readonly caseIndices: readonly number[] }[],
): ReadingGroups {
  const byCases = new Map<string, { readers: number[]; caseIndices: readonly number[] }>();
  for (const { caseIndices, reader } of readers) {
    const key = caseIndices.toSorted((left, right) => left - right).join();
    const group = byCases.get(key) ?? { readers: [], caseIndices };
    byCases.set(key, group);
    group.readers.push(reader);
  }
  const found = [...byCases.values()];
  const groups = found.map((group) => group.readers);
  const [first] = groups;
  if (first === undefined) {
    return { structure: "irregular", groups, note: "No reader has read enough of their cases to count." };
  }
  if (groups.length === 1) {
    return {
      structure: "crossed",
      groups,
      note:
        first.length === 1
          ? "One reader counts."
          : `Fully crossed: all ${first.length} readers who count were given the same cases.`,
    };
  }
  const timesRead = new Map<number, number>();
  for (const { caseIndices, readers: members } of found) {
    for (const one of caseIndices) timesRead.set(one, (timesRead.get(one) ?? 0) + members.length);
  }
  const isDisjoint = found.reduce((sum, group) => sum + group.caseIndices.length, 0) === timesRead.size;
  if (isDisjoint && groups.every((group) => group.length === 1)) {
    return {
      structure: "nested",
      groups,
      note: `Nested: each of ${groups.length} readers was given cases of their own, so agreement between readers has no value.`,
    };
  }
  if (isDisjoint) {
    return {
      structure: "split-plot",
      groups,
      note: `Split-plot: ${groups.length} groups of ${[...new Set(groups.map((group) => group.length))].join(" or ")} readers, each with cases of its own; figures of different groups are independent.`,
    };
  }
  const times = new Set(timesRead.values());
  return times.size === 1
    ? {
        structure: "overlapping",
        groups,
        note: `Each case was given to ${[...times].join()} of ${readers.length} readers, in changing company.`,
      }
    : {
        structure: "irregular",
        groups,
        note: `Cases were given to ${Math.min(...times)} to ${Math.max(...times)} of ${readers.length} readers.`,
      };
}
