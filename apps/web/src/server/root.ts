import "server-only";
import { auditRouter } from "./routers/audit.ts";
import { jobsRouter } from "./routers/jobs.ts";
import { readerStudiesRouter } from "./routers/reader-studies.ts";
import { readingRouter } from "./routers/reading.ts";
import { sessionRouter } from "./routers/session.ts";
import { sitesRouter } from "./routers/sites.ts";
import { studiesRouter } from "./routers/studies.ts";
import { createCallerFactory, router } from "./trpc.ts";

export const rootRouter = router({
  session: sessionRouter,
  jobs: jobsRouter,
  studies: studiesRouter,
  reading: readingRouter,
  readerStudies: readerStudiesRouter,
  sites: sitesRouter,
  audit: auditRouter,
});

export type RootRouter = typeof rootRouter;
export const createCaller = createCallerFactory(rootRouter);
