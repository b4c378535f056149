import { createHash } from "node:crypto";
import { errorCodes, isDomainError } from "@crossread/contracts/errors";
import type { JobPayload } from "@crossread/contracts/queues";
import {
  closeBackgroundJob,
  openBackgroundJob,
  setBackgroundProgress,
} from "@crossread/db/background-job-writes";
import {
  loadReaderStudyData,
  type DataImage,
  type DataMark,
  type ReaderStudyData,
} from "@crossread/db/reader-study-data";
import {
  forgetMapMeasures,
  listMapMeasures,
  loadMapMeasures,
  storeMapMeasures,
} from "@crossread/db/reader-study-map-measures";
import {
  analysisJobId,
  digestReaderStudyInputs,
  findReaderStudyAnalysis,
  storeReaderStudyAnalysis,
} from "@crossread/db/reader-study-results";
import type { JobContext } from "@crossread/queue/serve-queue";
import { overlapThresholds, regionRule } from "../reader-study/map-rules.ts";
import { toStudyTables } from "../reader-study/study-tables.ts";
import type { TaskInput } from "../tasks/task-contracts.ts";
import type { WorkerContext } from "../worker-context.ts";

type MarkedMap = TaskInput<"measure-maps">["maps"][number];

/** Shares of the whole that the page shows. */
const mapsShare = 0.7;

/** Map measures and statistics of a closed study, for the page to show; what stands and is current is not computed again. */
export async function analyseReaderStudy(
  context: WorkerContext,
  { readerStudyId }: JobPayload<"analyse-reader-study">,
  job: JobContext,
): Promise<void> {
  const { db } = context;
  const jobId = analysisJobId(readerStudyId);
  try {
    // Before anything is read: what changes meanwhile makes the result out of date, never wrong unnoticed.
    const startedAt = context.now();
    const inputDigest = await digestReaderStudyInputs(db, readerStudyId);
    const data = await loadReaderStudyData(db, readerStudyId);
    if (data === undefined) return;
    await openBackgroundJob(db, {
      jobId,
      kind: "analyse-reader-study",
      title: `Results of ${data.name}`,
      entityKind: "reader-study",
      entityId: readerStudyId,
    });
    const stored = await findReaderStudyAnalysis(db, readerStudyId);
    if (stored?.inputDigest === inputDigest && stored.codeVersion === context.codeVersion) {
      await storeReaderStudyAnalysis(db, readerStudyId, { ...stored, computedAt: startedAt });
    } else {
      await measure(context, data, job.signal);
      const analysis = await analyse(context, data, job.signal);
      await storeReaderStudyAnalysis(db, readerStudyId, {
        inputDigest,
        codeVersion: context.codeVersion,
        computedAt: startedAt,
        durationMs: context.now().getTime() - startedAt.getTime(),
        analysis,
      });
    }
    await closeBackgroundJob(db, jobId, {
      state: "completed",
      message: `${data.readings.length} readings`,
      at: context.now(),
    });
  } catch (error) {
    const isFinal = job.isLastAttempt || (isDomainError(error) && !errorCodes[error.code].retryable);
    if (isFinal && !job.signal.aborted) {
      const message = isDomainError(error)
        ? error.message
        : "The computation failed; the worker’s log says why.";
      await closeBackgroundJob(db, jobId, { state: "failed", message, at: context.now() });
    }
    throw error;
  }
}

/** Measures what is new or has changed; every map's measures are kept at once, so that a restart goes on. */
async function measure(context: WorkerContext, data: ReaderStudyData, signal: AbortSignal): Promise<void> {
  const { db } = context;
  const { readerStudyId } = data;
  const known = new Map(
    (await listMapMeasures(db, readerStudyId)).map((row) => [`${row.mapId} ${row.target}`, row]),
  );
  const maps: MarkedMap[] = [];
  for (const image of data.images) {
    const wanted = markedMap(image);
    if (wanted === undefined) continue;
    const isCurrent = ({ inputDigest, target }: MarkedMap["targets"][number]): boolean => {
      const row = known.get(`${wanted.mapId} ${target}`);
      known.delete(`${wanted.mapId} ${target}`);
      return row?.inputDigest === inputDigest;
    };
    const targets = wanted.targets.filter((target) => !isCurrent(target));
    if (targets.length > 0) maps.push({ ...wanted, targets });
  }
  if (known.size > 0) await forgetMapMeasures(db, readerStudyId, [...known.values()]);
  let done = 0;
  for (const part of parts(maps)) {
    await context.children.run(
      "measure-maps",
      { maps: part },
      {
        signal,
        onEvent: async ({ mapId, measures }) => {
          await storeMapMeasures(
            db,
            readerStudyId,
            measures.map((row) => ({ mapId, ...row })),
          );
          done += 1;
          if (done % 20 !== 0 && done !== maps.length) return;
          await setBackgroundProgress(db, analysisJobId(readerStudyId), {
            progress: (mapsShare * done) / maps.length,
            message: `${done} of ${maps.length} maps measured`,
          });
        },
      },
    );
  }
}

/** A message to a process holds marks of a few hundred maps, not of thousands. */
const mapsPerTask = 400;

const parts = (maps: readonly MarkedMap[]): MarkedMap[][] =>
  Array.from({ length: Math.ceil(maps.length / mapsPerTask) }, (_, part) =>
    maps.slice(part * mapsPerTask, (part + 1) * mapsPerTask),
  );

function markedMap(image: DataImage): MarkedMap | undefined {
  const { map, readerMarks, referenceMarks } = image;
  if (map === null) return undefined;
  const target = (name: string, marks: readonly DataMark[]) => ({
    target: name,
    marks: [...marks],
    inputDigest: createHash("sha256")
      .update(
        JSON.stringify([map.blobKey, image.widthPx, image.heightPx, marks, overlapThresholds, regionRule]),
      )
      .digest("hex"),
  });
  return {
    ...map,
    image: { widthPx: image.widthPx, heightPx: image.heightPx },
    targets: [
      target("none", []),
      ...(referenceMarks.length === 0 ? [] : [target("reference", referenceMarks)]),
      ...[...readerMarks].map(([readingId, marks]) => target(readingId, marks)),
    ],
  };
}

async function analyse(context: WorkerContext, data: ReaderStudyData, signal: AbortSignal) {
  const jobId = analysisJobId(data.readerStudyId);
  const tables = toStudyTables(data, await loadMapMeasures(context.db, data.readerStudyId));
  return context.children.run("analyse-readings", tables, {
    signal,
    onEvent: ({ share }) =>
      setBackgroundProgress(context.db, jobId, {
        progress: mapsShare + (1 - mapsShare) * share,
        message: "Statistics",
      }),
  });
}
