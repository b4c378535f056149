import { isDomainError, type ErrorCode } from "@crossread/contracts/errors";
import type { Predictor } from "@crossread/model/engine";
import type { MapPlane } from "@crossread/model/saliency-frame";
import type { ReadyImage } from "./image-messages.ts";
import type { MapTargets } from "./image-stage.ts";
import type { ImageWork } from "./image-work.ts";

export interface FileJob {
  readonly file: string;
  readonly targets: MapTargets;
}

export type FileOutcome =
  | {
      readonly ok: true;
      readonly job: FileJob;
      /** Softmax output for malignant; not calibrated. */
      readonly probability: number;
      readonly ms: { readonly decode: number; readonly preprocess: number; readonly infer: number };
    }
  | { readonly ok: false; readonly job: FileJob; readonly code: ErrorCode; readonly reason: string };

export interface PredictFilesOptions {
  readonly jobs: readonly FileJob[];
  readonly images: ImageWork;
  readonly predictor: Predictor;
  readonly imageSize: number;
  readonly batchSize: number;
  /** Called in the order of the jobs; never holds more than a few batches of images. */
  readonly onOutcome: (outcome: FileOutcome) => void;
}

/** Images that are decoded ahead of inference, in batches. */
const batchesAhead = 4;
/** Decoded pixels that may wait for their map: 256 MB as float32, or one image where it is larger. */
const maxKeptPixels = 64 * 1024 * 1024;

interface Ready {
  readonly id: number;
  readonly job: FileJob;
  readonly image: ReadyImage;
}
type Prepared = Ready | { readonly id: number; readonly job: FileJob; readonly error: unknown };

const hasTarget = ({ targets }: FileJob): boolean => Object.keys(targets).length > 0;

/** Threads decode ahead and write maps behind while this thread computes batch after batch. */
export async function predictFiles(options: PredictFilesOptions): Promise<void> {
  const { batchSize, images, jobs, onOutcome } = options;
  const preparing: Promise<Prepared>[] = [];
  const writing = new Set<Promise<void>>();
  let failure: { readonly error: unknown } | undefined;
  let largestImage: number | undefined;
  let next = 0;

  const fill = () => {
    const fitting =
      largestImage === undefined ? batchSize : Math.floor(maxKeptPixels / Math.max(1, largestImage));
    const limit = Math.min(batchesAhead * batchSize, Math.max(1, fitting));
    while (next < jobs.length && preparing.length + writing.size < limit) {
      preparing.push(prepare(images, next, jobs[next]!));
      next += 1;
    }
  };
  const write = ({ id, job }: Ready, map: MapPlane | undefined): void => {
    if (map === undefined || !hasTarget(job)) return;
    const done: Promise<void> = images
      .writeMaps(id, map)
      .catch((error: unknown) => {
        failure ??= { error };
      })
      .finally(() => {
        writing.delete(done);
      });
    writing.add(done);
  };

  while (next < jobs.length || preparing.length > 0) {
    const batch: Prepared[] = [];
    let readyCount = 0;
    fill();
    while (readyCount < batchSize && preparing.length > 0) {
      const prepared = await preparing.shift()!;
      batch.push(prepared);
      if ("image" in prepared) {
        readyCount += 1;
        largestImage = Math.max(largestImage ?? 0, prepared.image.keptPixels);
      }
      fill();
    }
    if (batch.length === 0) {
      await Promise.race(writing); // memory is full of images whose maps are being written
      continue;
    }
    for (const outcome of await inferBatch(options, batch, write)) onOutcome(outcome);
    if (failure !== undefined) throw failure.error;
  }
  await Promise.all(writing);
  if (failure !== undefined) throw failure.error;
}

async function prepare(images: ImageWork, id: number, job: FileJob): Promise<Prepared> {
  try {
    return { id, job, image: await images.prepare(id, job.file, job.targets) };
  } catch (error) {
    return { id, job, error };
  }
}

async function inferBatch(
  { imageSize, jobs, predictor }: PredictFilesOptions,
  batch: readonly Prepared[],
  write: (ready: Ready, map: MapPlane | undefined) => void,
): Promise<FileOutcome[]> {
  const ready = batch.flatMap((prepared) => ("image" in prepared ? [prepared] : []));
  const wantsMaps = jobs.some(hasTarget);
  const images = new Float32Array(ready.length * imageSize * imageSize);
  ready.forEach(({ image }, slot) => images.set(image.pixels, slot * imageSize * imageSize));
  const start = performance.now();
  const result =
    ready.length === 0
      ? undefined
      : await predictor.predict({
          images,
          count: ready.length,
          ...(wantsMaps && { saliency: { classIndex: 1, layer: "cbam" as const } }),
        });
  const infer = (performance.now() - start) / ready.length;
  ready.forEach((prepared, slot) => write(prepared, result?.maps && planeOf(result.maps, slot)));
  return batch.map((prepared): FileOutcome => {
    const { job } = prepared;
    if ("image" in prepared) {
      const probability = result?.scores[ready.indexOf(prepared)] ?? Number.NaN;
      return { ok: true, job, probability, ms: { ...prepared.image.ms, infer } };
    }
    if (!isDomainError(prepared.error)) throw prepared.error;
    return { ok: false, job, code: prepared.error.code, reason: prepared.error.message };
  });
}

function planeOf(maps: MapPlane, slot: number): MapPlane {
  const { heightPx, values, widthPx } = maps;
  const size = widthPx * heightPx;
  return { widthPx, heightPx, values: values.slice(slot * size, (slot + 1) * size) };
}
