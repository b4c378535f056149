import { listCurrentJobs } from "@crossread/db/background-jobs";
import type { SiteScope } from "@crossread/db/site-scope";
import type { RequestContext } from "../context.ts";
import { changesOf } from "../polling.ts";
import { procedure, router } from "../trpc.ts";

const currentJobs = (ctx: RequestContext & { scope: SiteScope }) =>
  listCurrentJobs(ctx.db, { scope: ctx.scope, now: new Date(), limit: 20 });

export const jobsRouter = router({
  current: procedure("jobs.current").query(({ ctx }) => currentJobs(ctx)),
  watch: procedure("jobs.watch").subscription(({ ctx, signal }) =>
    changesOf(() => currentJobs(ctx), { intervalMs: 1_000, signal }),
  ),
});
