import type { JobHandlers } from "@crossread/queue/serve-queue";
import { compareImages } from "./guardian/compare-images.ts";
import { aggregateRound } from "./jobs/aggregate-round.ts";
import { analyseReaderStudy } from "./jobs/analyse-reader-study.ts";
import { evaluateCheckpoint } from "./jobs/evaluate-checkpoint.ts";
import { explainCheckpoint } from "./jobs/explain-checkpoint.ts";
import { ingestUpload } from "./jobs/ingest-upload.ts";
import { prepareDemonstration } from "./jobs/prepare-demonstration.ts";
import { prepareRun } from "./jobs/prepare-run.ts";
import { roundDeadline } from "./jobs/round-deadline.ts";
import { runValidation } from "./jobs/run-validation.ts";
import { trainSite } from "./jobs/train-site.ts";
import type { WorkerContext } from "./worker-context.ts";

export const platformHandlers = (context: WorkerContext): JobHandlers => ({
  "prepare-demonstration": (payload, job) => prepareDemonstration(context, payload, job),
  "ingest-upload": (payload, job) => ingestUpload(context, payload, job),
  "prepare-run": (payload, job) => prepareRun(context, payload, job),
  "aggregate-round": (payload) => aggregateRound(context, payload),
  "round-deadline": (payload) => roundDeadline(context, payload),
  "evaluate-checkpoint": (payload, job) => evaluateCheckpoint(context, payload, job),
  "explain-checkpoint": (payload, job) => explainCheckpoint(context, payload, job),
  "compare-images": (_payload, job) => compareImages(context, job.signal),
  "analyse-reader-study": (payload, job) => analyseReaderStudy(context, payload, job),
  "run-validation": (payload, job) => runValidation(context, payload, job),
});

/** Served where the site's data is: nothing else runs there. */
export const siteHandlers = (context: WorkerContext): JobHandlers => ({
  "train-site": (payload, job) => trainSite(context, payload, job),
});
