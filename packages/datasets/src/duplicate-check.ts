import { createFingerprintIndex } from "./fingerprint-index.ts";
import type { Registration } from "./fingerprint-registration.ts";

export interface LeakCandidate {
  readonly imageId: string;
  readonly sha256: string;
  readonly subjectId: string;
  readonly split: string;
  readonly siteId: string;
  /** Left out: only exact copies are found for this image. */
  readonly fingerprint?: Uint8Array;
}

export type LeakKind = "same-subject" | "exact-copy" | "near-copy";

export interface Leak {
  readonly kind: LeakKind;
  readonly imageIds: readonly [string, string];
  readonly crosses: "splits" | "sites" | "splits-and-sites";
  /** Share of the common texture that agrees: 1 for exact copies, undefined for different images of one subject. */
  readonly score: number | undefined;
  /** From the first image to the second; near copies only. */
  readonly registration: Registration | undefined;
}

/**
 * Pairs of images that one split or site has and another must not have, strongest evidence first in each pair.
 *
 * @returns ordered by image ids, whatever the order of the input; empty = clean
 * @complexity O(n) look-ups in the fingerprint index, and the pairs that it returns
 */
export function findLeaks(candidates: readonly LeakCandidate[]): Leak[] {
  const ordered = [...candidates].sort((a, b) => compareText(a.imageId, b.imageId));
  const leaks = new Map<string, Leak>();
  const add = (
    first: LeakCandidate,
    second: LeakCandidate,
    found: Pick<Leak, "kind" | "score" | "registration">,
  ) => {
    const crosses = whatIsCrossed(first, second);
    const key = JSON.stringify([first.imageId, second.imageId]);
    if (crosses === undefined || leaks.has(key)) return;
    leaks.set(key, { imageIds: [first.imageId, second.imageId], crosses, ...found });
  };
  for (const [first, second] of pairsWithEqual(ordered, ({ sha256 }) => sha256)) {
    add(first, second, { kind: "exact-copy", score: 1, registration: undefined });
  }
  for (const [first, second, registration] of nearPairs(ordered)) {
    add(first, second, { kind: "near-copy", score: registration.score, registration });
  }
  for (const [first, second] of pairsWithEqual(ordered, ({ subjectId }) => subjectId)) {
    add(first, second, { kind: "same-subject", score: undefined, registration: undefined });
  }
  return [...leaks.values()].sort(
    (a, b) => compareText(a.imageIds[0], b.imageIds[0]) || compareText(a.imageIds[1], b.imageIds[1]),
  );
}

function whatIsCrossed(a: LeakCandidate, b: LeakCandidate): Leak["crosses"] | undefined {
  const crossesSplits = a.split !== b.split;
  if (a.siteId === b.siteId) return crossesSplits ? "splits" : undefined;
  return crossesSplits ? "splits-and-sites" : "sites";
}

function* pairsWithEqual(
  ordered: readonly LeakCandidate[],
  keyOf: (candidate: LeakCandidate) => string,
): Iterable<readonly [LeakCandidate, LeakCandidate]> {
  const groups = new Map<string, LeakCandidate[]>();
  for (const candidate of ordered) {
    const group = groups.get(keyOf(candidate)) ?? [];
    for (const earlier of group) yield [earlier, candidate];
    group.push(candidate);
    groups.set(keyOf(candidate), group);
  }
}

function* nearPairs(
  ordered: readonly LeakCandidate[],
): Iterable<readonly [LeakCandidate, LeakCandidate, Registration]> {
  const index = createFingerprintIndex();
  const added: LeakCandidate[] = [];
  for (const candidate of ordered) {
    if (candidate.fingerprint === undefined) continue;
    for (const { other, registration } of index.find(candidate.fingerprint)) {
      yield [added[other]!, candidate, registration];
    }
    index.add(candidate.fingerprint);
    added.push(candidate);
  }
}

const compareText = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
