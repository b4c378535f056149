/**
 * Finds the images that may be copies of another without comparing all pairs: every point's code is filed under short
 * samples of its bits (locality-sensitive hashing), and images that share many places with the one asked for are
 * registered with it.
 *
 * @source Indyk & Motwani, STOC (1998); bit sampling for the Hamming distance
 */
import { createRandom } from "@crossread/metrics/random";
import { isCopy, registerFingerprints, type Registration } from "./fingerprint-registration.ts";
import { decodeFingerprint, mirrorFingerprint, type Fingerprint } from "./image-fingerprint.ts";
import { codeWords } from "./keypoint-code.ts";

const tableCount = 8;
const bitsPerKey = 20;
/** Codes that very many images share say nothing; the newest of them are looked at. */
const maxEntriesPerBucket = 128;
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
 * @complexity add and find take time that does not depend on the number of images once buckets are full: at most 128
 *   points × 2 mirror states × 8 tables × 128 entries, and 12 registrations
 */
export function createFingerprintIndex(): FingerprintIndex {
  const samples = drawBitSamples();
  const heads = Array.from({ length: tableCount }, () => new Int32Array(2 ** bitsPerKey).fill(-1));
  const stored: Uint8Array[] = [];
  let capacity = 1024;
  let entryCount = 0;
  let imageOf = new Int32Array(capacity);
  let next = Array.from({ length: tableCount }, () => new Int32Array(capacity));
  /** Scratch of one query, grown with the images. */
  let votes = new Uint16Array(64);
  let lastVoter = new Int32Array(64);

  const grow = (): void => {
    capacity *= 2;
    const enlarge = (old: Int32Array<ArrayBuffer>) => {
      const larger = new Int32Array(capacity);
      larger.set(old);
      return larger;
    };
    imageOf = enlarge(imageOf);
    next = next.map(enlarge);
  };

  const vote = (fingerprint: Fingerprint): Map<number, number> => {
    if (votes.length < stored.length) {
      votes = new Uint16Array(2 * stored.length);
      lastVoter = new Int32Array(2 * stored.length);
    }
    lastVoter.fill(-1);
    const touched: number[] = [];
    for (let point = 0; point < fingerprint.count; point++) {
      for (let table = 0; table < tableCount; table++) {
        let entry = heads[table]![keyOf(fingerprint.codes, point, samples[table]!)]!;
        for (let seen = 0; entry >= 0 && seen < maxEntriesPerBucket; seen++) {
          const image = imageOf[entry]!;
          if (lastVoter[image] !== point) {
            if (lastVoter[image] === -1) {
              votes[image] = 0;
              touched.push(image);
            }
            votes[image]! += 1;
            lastVoter[image] = point;
          }
          entry = next[table]![entry]!;
        }
      }
    }
    return new Map(touched.map((image) => [image, votes[image]!]));
  };

  return {
    get size() {
      return stored.length;
    },
    add: (bytes) => {
      const { codes, count } = decodeFingerprint(bytes);
      const image = stored.push(bytes) - 1;
      for (let point = 0; point < count; point++) {
        if (entryCount === capacity) grow();
        imageOf[entryCount] = image;
        for (let table = 0; table < tableCount; table++) {
          const key = keyOf(codes, point, samples[table]!);
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
        .filter(([, count]) => count >= leastVotes)
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
