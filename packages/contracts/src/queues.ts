import { z } from "zod";

/** Payloads carry ids only: the row is the truth, the queue delivers. */
export const queues = {
  /** Fills an empty platform with content: phantoms, cohort, training, evaluation, reader study. */
  "prepare-demonstration": z.strictObject({}),
  /** Files wait in the blob store under uploads/<siteId>/<uploadId>/. */
  "ingest-upload": z.strictObject({ siteId: z.uuid(), uploadId: z.uuid() }),
  "prepare-run": z.strictObject({ runId: z.uuid() }),
  "train-site": z.strictObject({ runId: z.uuid(), roundId: z.uuid(), siteId: z.uuid() }),
  "aggregate-round": z.strictObject({ runId: z.uuid(), roundId: z.uuid() }),
  "round-deadline": z.strictObject({ runId: z.uuid(), roundId: z.uuid() }),
  "evaluate-checkpoint": z.strictObject({
    checkpointId: z.uuid(),
    cohortId: z.uuid(),
    /** Round that waits for this evaluation, if any. */
    roundId: z.uuid().nullable(),
  }),
  "explain-checkpoint": z.strictObject({ checkpointId: z.uuid(), cohortId: z.uuid() }),
  /** The split guardian compares every image that it has not compared yet with all others. */
  "compare-images": z.strictObject({}),
  "run-validation": z.strictObject({ validationRoundId: z.uuid() }),
  "analyse-reader-study": z.strictObject({ readerStudyId: z.uuid() }),
} as const;

export type JobKind = keyof typeof queues;
export type JobPayload<TKind extends JobKind> = z.infer<(typeof queues)[TKind]>;

/** Platform work shares one queue; a site's training has a queue of its own, served where its data is. */
export const platformQueueName = "platform";
export const siteQueueName = (siteId: string): string => `site-${siteId}`;

export const queueOf = <TKind extends JobKind>(kind: TKind, payload: JobPayload<TKind>): string =>
  kind === "train-site" && "siteId" in payload ? siteQueueName(payload.siteId) : platformQueueName;

/** The same piece of work always has the same id, so that adding it twice adds it once. */
export function jobId<TKind extends JobKind>(kind: TKind, payload: JobPayload<TKind>): string {
  return [kind, ...Object.values(payload).filter((value) => value !== null)].join(".");
}
