import { listArbitrationWorkLists } from "@crossread/db/arbitration-work-list";
import { findHeadline, listEvaluations } from "@crossread/db/evaluations";
import {
  countSiteTasks,
  findLatestPublication,
  listReadingTasks,
  listRunningWork,
} from "@crossread/db/overview";
import { access, scopeOf } from "../access.ts";
import { toMetricRow } from "../metric-row.ts";
import { procedure, router } from "../trpc.ts";

export const overviewRouter = router({
  load: procedure("overview.load").query(async ({ ctx }) => {
    const keeps = scopeOf(access["studies.list"], ctx.actor.memberships);
    const mayPlan = scopeOf(access["training.list"], ctx.actor.memberships) !== undefined;
    const [readingTasks, arbitrationTasks, siteTasks, work, headline, publication] = await Promise.all([
      listReadingTasks(ctx.db, ctx.actor.userId),
      listArbitrationWorkLists(ctx.db, ctx.actor.userId, new Date()),
      keeps === undefined ? null : countSiteTasks(ctx.db, keeps),
      mayPlan ? listRunningWork(ctx.db) : null,
      findHeadline(ctx.db),
      findLatestPublication(ctx.db),
    ]);
    const evaluations =
      headline === undefined
        ? []
        : await listEvaluations(ctx.db, {
            checkpointIds: [headline.checkpointId],
            cohortId: headline.cohortId,
            splits: [headline.split],
            limit: 200,
          });
    return {
      readingTasks,
      arbitrationTasks,
      siteTasks,
      work,
      headline: evaluations.map(toMetricRow),
      publication: publication ?? null,
    };
  }),
});
