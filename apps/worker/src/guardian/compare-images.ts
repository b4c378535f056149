import { setImmediate as nextTurn } from "node:timers/promises";
import { identityTransform } from "@crossread/contracts/copy-transform";
import { fingerprintPrefix, toFingerprintText } from "@crossread/datasets/fingerprint-text";
import { emptyFingerprint } from "@crossread/datasets/image-fingerprint";
import { toCopyTransform } from "@crossread/datasets/registration-transform";
import {
  closeBackgroundJob,
  openBackgroundJob,
  setBackgroundProgress,
} from "@crossread/db/background-job-writes";
import {
  countUncompared,
  listUncompared,
  listUnfingerprinted,
  loadComparable,
  recordComparison,
  storeFingerprint,
  type ComparableImage,
  type FoundPair,
} from "@crossread/db/image-comparison";
import type { WorkerContext } from "../worker-context.ts";
import { createFingerprintStore, type FingerprintStore } from "./fingerprint-store.ts";

const jobId = "compare-images";
const batchSize = 200;
/** Fewer than these are compared without a line in the list of jobs. */
const noteworthyCount = 50;

interface Guardian {
  readonly store: FingerprintStore;
  /** One comparison at a time in a process: both would add the same images. */
  last: Promise<void>;
}

const guardians = new WeakMap<object, Guardian>();

/**
 * Compares every image that has not been compared with all others, once. A repetition finds nothing to do; two workers
 * at the same time write the same pairs.
 */
export async function compareImages(context: WorkerContext, signal: AbortSignal): Promise<void> {
  const guardian = guardians.get(context.db) ?? { store: createFingerprintStore(), last: Promise.resolve() };
  guardians.set(context.db, guardian);
  const mine = guardian.last.catch(() => undefined).then(() => compareAll(context, guardian.store, signal));
  guardian.last = mine;
  await mine;
}

async function compareAll(
  context: WorkerContext,
  store: FingerprintStore,
  signal: AbortSignal,
): Promise<void> {
  const { db } = context;
  const total = await countUncompared(db);
  if (total === 0) return;
  const isShown = total >= noteworthyCount;
  if (isShown)
    await openBackgroundJob(db, { jobId, kind: "compare-images", title: "Looking for copied images" });
  try {
    const unreadableCount = await fingerprintMissing(context, signal);
    await store.refresh(db);
    let comparedCount = 0;
    let pairCount = 0;
    for (let ids = await listUncompared(db, batchSize); ids.length > 0;) {
      for (const image of await loadComparable(db, ids)) {
        signal.throwIfAborted();
        const pairs = pairsOf(store, image);
        await recordComparison(db, { instanceId: image.instanceId, pairs, at: context.now() });
        pairCount += pairs.length;
        comparedCount += 1;
        await nextTurn();
      }
      if (isShown) {
        await setBackgroundProgress(db, jobId, {
          progress: comparedCount / Math.max(total, comparedCount),
          message: `Compared ${comparedCount} of ${total} images`,
        });
      }
      // Images may have come in meanwhile, some of them without a fingerprint.
      await fingerprintMissing(context, signal);
      await store.refresh(db);
      ids = await listUncompared(db, batchSize);
    }
    const unreadable = unreadableCount === 0 ? "" : `, ${unreadableCount} could not be read`;
    context.logger.info({ comparedCount, pairCount, unreadableCount }, "images compared");
    if (isShown) {
      await closeBackgroundJob(db, jobId, {
        state: "completed",
        message: `${comparedCount} images compared, ${pairCount} pairs found${unreadable}`,
        at: context.now(),
      });
    }
  } catch (error) {
    if (isShown) {
      await closeBackgroundJob(db, jobId, {
        state: "failed",
        message: "Begins again by itself.",
        at: context.now(),
      });
    }
    throw error;
  }
}

function pairsOf(store: FingerprintStore, image: ComparableImage): FoundPair[] {
  return store.findCopies(image).map(({ copy, other }) => ({
    firstInstanceId: other.instanceId,
    secondInstanceId: image.instanceId,
    kind: copy === null ? ("exact" as const) : ("near" as const),
    score: copy === null ? 1 : copy.registration.score,
    transform: copy === null ? identityTransform : toCopyTransform(copy.registration),
  }));
}

/** Fingerprints that are missing or of an earlier kind; an image that cannot be read gets one that resembles nothing. */
async function fingerprintMissing(context: WorkerContext, signal: AbortSignal): Promise<number> {
  const { db } = context;
  let unreadableCount = 0;
  for (;;) {
    const images = await listUnfingerprinted(db, { prefix: fingerprintPrefix, limit: batchSize });
    if (images.length === 0) return unreadableCount;
    await context.children.useSlot(
      () =>
        context.children.run(
          "fingerprint-images",
          { images: images.map(({ instanceId, ...image }) => ({ imageId: instanceId, ...image })) },
          {
            signal,
            onEvent: async ({ fingerprint, imageId }) => {
              if (fingerprint === null) {
                unreadableCount += 1;
                context.logger.warn({ instanceId: imageId }, "no fingerprint: the image cannot be read");
              }
              await storeFingerprint(db, {
                instanceId: imageId,
                fingerprint: fingerprint ?? toFingerprintText(emptyFingerprint),
              });
            },
          },
        ),
      signal,
    );
  }
}
