/**
 * Finds the images that may be copies of another without comparing all pairs: every point's code is filed under short
 * samples of its bits (locality-sensitive hashing). A point that is found again with nearly the same code votes for its
 * image and the turn that lies between the two; the images with most votes for one turn are registered.
 *
 * @source Indyk & Motwani, STOC (1998), bit sampling for the Hamming distance; Jégou et al., ECCV (2008), weak geometric
 *   consistency
 */
import { createRandom } from "@crossread/metrics/random";
import {
  codeDistance,
  isCopy,
  maxAgreeingDistance,
  registerFingerprints,
  type Registration,
} from "./fingerprint-registration.ts";
import { decodeFingerprint, mirrorFingerprint, type Fingerprint } from "./image-fingerprint.ts";
import { codeWords } from "./keypoint-code.ts";

const tableCount = 8;
const bitsPerKey = 20;
/** Codes that very many images share say little; the newest of them are looked at. */
const maxEntriesPerBucket = 128;
const turnBins = 16;
const maxCandidates = 12;
const leastVotes = 3;

export interface FoundCopy {
  /** Number of the other image, in order of addition. */
  readonly other: number;
  /** From the other image to the one asked for. */
  readonly registration: Registration;
}

export interface FingerprintIndex {
  readonly size: number;
  /** @returns the number of the image */
  add(fingerprint: Uint8Array): number;
  /** Copies among the images added so far, most similar first. */
  find(fingerprint: Uint8Array): FoundCopy[];
}

/**
 * @complexity add and find take time that does not grow with the number of images once buckets are full: at most 128
 *   points × 2 mirror states × 8 tables × 128 entries, and 12 registrations
 */
export function createFingerprintIndex(): FingerprintIndex {
  const samples = drawBitSamples();
  const heads = Array.from({ length: tableCount }, () => new Int32Array(2 ** bitsPerKey).fill(-1));
  const stored: Uint8Array[] = [];
  let capacity = 1024;
  let entryCount = 0;
  /** Per entry, that is per filed point. */
  let imageOf = new Int32Array(capacity);
  let turnOf = new Uint8Array(capacity);
  let codes = new Uint32Array(capacity * codeWords);
  let next = Array.from({ length: tableCount }, () => new Int32Array(capacity));
  /** Votes per image and turn, all 0 between two searches. */
  let votes = new Uint8Array(0);
  let lastVoter = new Int32Array(0);

  const grow = (): void => {
    capacity *= 2;
    imageOf = enlarge(imageOf, new Int32Array(capacity));
    turnOf = enlarge(turnOf, new Uint8Array(capacity));
    codes = enlarge(codes, new Uint32Array(capacity * codeWords));
    next = next.map((old) => enlarge(old, new Int32Array(capacity)));
  };

  /** Most votes for one turn, for every image that got any. */
  const vote = (fingerprint: Fingerprint): Map<number, number> => {
    if (lastVoter.length < stored.length) {
      votes = new Uint8Array(2 * stored.length * turnBins);
      lastVoter = new Int32Array(2 * stored.length).fill(-1);
    }
    const touched: number[] = [];
    for (let point = 0; point < fingerprint.count; point++) {
      const turn = turnByte(fingerprint.angle[point]!);
      for (let table = 0; table < tableCount; table++) {
        let entry = heads[table]![keyOf(fingerprint.codes, point, samples[table]!)]!;
        for (let seen = 0; entry >= 0 && seen < maxEntriesPerBucket; seen++, entry = next[table]![entry]!) {
          const image = imageOf[entry]!;
          if (lastVoter[image] === point) continue;
          const distance = codeDistance(fingerprint.codes, point * codeWords, codes, entry * codeWords);
          if (distance > maxAgreeingDistance) continue;
          if (lastVoter[image] === -1) touched.push(image);
          lastVoter[image] = point;
          const bin = ((turn - turnOf[entry]! + 256) & 255) >> 4;
          votes[image * turnBins + bin]! += 1;
        }
      }
    }
    const most = new Map<number, number>();
    for (const image of touched) {
      const at = image * turnBins;
      let best = 0;
      // A turn may fall on the border of two bins.
      for (let bin = 0; bin < turnBins; bin++) {
        best = Math.max(best, votes[at + bin]! + votes[at + ((bin + 1) % turnBins)]!);
      }
      if (best >= leastVotes) most.set(image, best);
      votes.fill(0, at, at + turnBins);
      lastVoter[image] = -1;
    }
    return most;
  };

  return {
    get size() {
      return stored.length;
    },
    add: (bytes) => {
      const { angle, codes: added, count } = decodeFingerprint(bytes);
      const image = stored.push(bytes) - 1;
      for (let point = 0; point < count; point++) {
        if (entryCount === capacity) grow();
        imageOf[entryCount] = image;
        turnOf[entryCount] = turnByte(angle[point]!);
        for (let word = 0; word < codeWords; word++) {
          codes[entryCount * codeWords + word] = added[point * codeWords + word]!;
        }
        for (let table = 0; table < tableCount; table++) {
          const key = keyOf(added, point, samples[table]!);
          next[table]![entryCount] = heads[table]![key]!;
          heads[table]![key] = entryCount;
        }
        entryCount += 1;
      }
      return image;
    },
    find: (bytes) => {
      const fingerprint = decodeFingerprint(bytes);
      const best = new Map<number, number>();
      for (const side of [fingerprint, mirrorFingerprint(fingerprint)]) {
        for (const [image, count] of vote(side)) best.set(image, Math.max(best.get(image) ?? 0, count));
      }
      return [...best]
        .sort((a, b) => b[1] - a[1] || a[0] - b[0])
        .slice(0, maxCandidates)
        .flatMap(([other]) => {
          const registration = registerFingerprints(decodeFingerprint(stored[other]!), fingerprint);
          return registration !== undefined && isCopy(registration) ? [{ other, registration }] : [];
        })
        .sort((a, b) => b.registration.agreeingCount - a.registration.agreeingCount || a.other - b.other);
    },
  };
}

function enlarge<TArray extends Int32Array | Uint32Array | Uint8Array>(old: TArray, larger: TArray): TArray {
  larger.set(old);
  return larger;
}

const turnByte = (angle: number): number => Math.round((angle / (2 * Math.PI)) * 256) & 255;

/** For every table the bit positions of its keys, the same in every process. */
function drawBitSamples(): Uint8Array[] {
  const random = createRandom(20).fork("fingerprint index");
  const positions = Array.from({ length: 32 * codeWords }, (_, bit) => bit);
  return Array.from({ length: tableCount }, (_, table) =>
    Uint8Array.from(random.fork(String(table)).shuffle(positions).slice(0, bitsPerKey)),
  );
}

function keyOf(codes: Uint32Array, point: number, sample: Uint8Array): number {
  let key = 0;
  for (let at = 0; at < sample.length; at++) {
    const bit = sample[at]!;
    key = (key << 1) | ((codes[point * codeWords + (bit >>> 5)]! >>> (bit & 31)) & 1);
  }
  return key;
}
