import { setImmediate as nextTurn } from "node:timers/promises";
import { createFingerprintIndex, type FoundCopy } from "@crossread/datasets/fingerprint-index";
import { parseFingerprintText } from "@crossread/datasets/fingerprint-text";
import type { Database } from "@crossread/db/database";
import { listFingerprintedIds, loadComparable, type ComparableImage } from "@crossread/db/image-comparison";

const batchSize = 500;

interface KnownImage {
  readonly instanceId: string;
  readonly subjectId: string;
  readonly sha256: string;
}

/** Every fingerprint of the platform in an index that this process keeps: some 6 KB an image. */
export interface FingerprintStore {
  /** Adds what the database has and the index has not yet. */
  refresh(db: Database): Promise<void>;
  /** Copies among all images of other subjects; the exact ones are those with the same digest. */
  findCopies(
    image: ComparableImage,
  ): readonly { readonly other: KnownImage; readonly copy: FoundCopy | null }[];
}

export function createFingerprintStore(): FingerprintStore {
  const index = createFingerprintIndex();
  const images: KnownImage[] = [];
  const known = new Set<string>();
  const byDigest = new Map<string, KnownImage[]>();

  return {
    async refresh(db) {
      const ids = await listFingerprintedIds(db);
      const missing = ids.filter((id) => !known.has(id));
      for (let start = 0; start < missing.length; start += batchSize) {
        for (const image of await loadComparable(db, missing.slice(start, start + batchSize))) {
          const bytes = parseFingerprintText(image.fingerprint);
          if (bytes === undefined) continue;
          const { instanceId, sha256, subjectId } = image;
          const kept = { instanceId, sha256, subjectId };
          index.add(bytes);
          images.push(kept);
          known.add(instanceId);
          byDigest.set(sha256, [...(byDigest.get(sha256) ?? []), kept]);
        }
        // Ten thousand images take seconds: heartbeats and other jobs go in between.
        await nextTurn();
      }
    },
    findCopies(image) {
      const exact = (byDigest.get(image.sha256) ?? []).map((other) => ({ other, copy: null }));
      const exactIds = new Set(exact.map(({ other }) => other.instanceId));
      const bytes = parseFingerprintText(image.fingerprint);
      const near = bytes === undefined ? [] : index.find(bytes);
      return [
        ...exact,
        ...near.flatMap((copy) => {
          const other = images[copy.other];
          return other === undefined || exactIds.has(other.instanceId) ? [] : [{ other, copy }];
        }),
      ].filter(({ other }) => other.subjectId !== image.subjectId);
    },
  };
}
