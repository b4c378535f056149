import "server-only";
import { arbitrationRouter } from "./routers/arbitration.ts";
import { auditRouter } from "./routers/audit.ts";
import { connectionsRouter } from "./routers/connections.ts";
import { deidentificationRouter } from "./routers/deidentification.ts";
import { jobsRouter } from "./routers/jobs.ts";
import { labelsRouter } from "./routers/labels.ts";
import { readerStudiesRouter } from "./routers/reader-studies.ts";
import { readingRouter } from "./routers/reading.ts";
import { sessionRouter } from "./routers/session.ts";
import { sitesRouter } from "./routers/sites.ts";
import { studiesRouter } from "./routers/studies.ts";
import { adminRouter } from "./routers/admin.ts";
import { cohortsRouter } from "./routers/cohorts.ts";
import { leaderboardsRouter } from "./routers/leaderboards.ts";
import { modelsRouter } from "./routers/models.ts";
import { overviewRouter } from "./routers/overview.ts";
import { pixelRulesRouter } from "./routers/pixel-rules.ts";
import { quarantineRouter } from "./routers/quarantine.ts";
import { uploadsRouter } from "./routers/uploads.ts";
import { trainingRouter } from "./routers/training.ts";
import { validationRouter } from "./routers/validation.ts";
import { createCallerFactory, router } from "./trpc.ts";

export const rootRouter = router({
  session: sessionRouter,
  overview: overviewRouter,
  jobs: jobsRouter,
  studies: studiesRouter,
  uploads: uploadsRouter,
  deidentification: deidentificationRouter,
  quarantine: quarantineRouter,
  pixelRules: pixelRulesRouter,
  labels: labelsRouter,
  reading: readingRouter,
  arbitration: arbitrationRouter,
  readerStudies: readerStudiesRouter,
  cohorts: cohortsRouter,
  training: trainingRouter,
  validation: validationRouter,
  models: modelsRouter,
  leaderboards: leaderboardsRouter,
  sites: sitesRouter,
  connections: connectionsRouter,
  audit: auditRouter,
  admin: adminRouter,
});

export type RootRouter = typeof rootRouter;
export const createCaller = createCallerFactory(rootRouter);
