import { isNearCopy, resemblance, type PerceptualHash } from "./perceptual-hash.ts";

export interface LeakCandidate {
  readonly imageId: string;
  readonly sha256: string;
  readonly subjectId: string;
  readonly split: string;
  readonly siteId: string;
  /** Left out: only exact copies are found for this image. */
  readonly hash?: PerceptualHash;
}

export type LeakKind = "same-subject" | "exact-copy" | "near-copy";

export interface Leak {
  readonly kind: LeakKind;
  readonly imageIds: readonly [string, string];
  readonly crosses: "splits" | "sites" | "splits-and-sites";
  /** 1 for exact copies and undefined for different images of one subject. */
  readonly similarity: number | undefined;
}

/**
 * Pairs of images that one split or site has and another must not have, strongest evidence first in each pair.
 *
 * @returns ordered by image ids, whatever the order of the input; empty = clean
 * @complexity O(n²) comparisons of about 2 µs where hashes are given
 */
export function findLeaks(candidates: readonly LeakCandidate[]): Leak[] {
  const ordered = [...candidates].sort((a, b) => compareText(a.imageId, b.imageId));
  const leaks: Leak[] = [];
  for (let first = 0; first < ordered.length; first++) {
    for (let second = first + 1; second < ordered.length; second++) {
      const leak = compareCandidates(ordered[first]!, ordered[second]!);
      if (leak !== undefined) leaks.push(leak);
    }
  }
  return leaks;
}

function compareCandidates(a: LeakCandidate, b: LeakCandidate): Leak | undefined {
  const crossesSplits = a.split !== b.split;
  const crossesSites = a.siteId !== b.siteId;
  if (!crossesSplits && !crossesSites) return undefined;
  const pair = {
    imageIds: [a.imageId, b.imageId] as const,
    crosses: !crossesSites ? "splits" : !crossesSplits ? "sites" : "splits-and-sites",
  } as const;
  if (a.sha256 === b.sha256) return { ...pair, kind: "exact-copy", similarity: 1 };
  if (a.hash !== undefined && b.hash !== undefined) {
    const found = resemblance(a.hash, b.hash);
    if (isNearCopy(found)) {
      return { ...pair, kind: "near-copy", similarity: Math.max(found.frame, found.content) };
    }
  }
  return a.subjectId === b.subjectId ? { ...pair, kind: "same-subject", similarity: undefined } : undefined;
}

const compareText = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
