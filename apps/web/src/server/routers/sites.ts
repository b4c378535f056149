import { listWorkerNodes } from "@crossread/db/background-jobs";
import { listEvaluations } from "@crossread/db/evaluations";
import { assertInScope } from "@crossread/db/site-scope";
import { listSites, loadSite } from "@crossread/db/sites";
import { siteQueueName } from "@crossread/contracts/queues";
import { z } from "zod";
import { toMetricRow } from "../metric-row.ts";
import { procedure, router } from "../trpc.ts";

export const sitesRouter = router({
  list: procedure("sites.list").query(({ ctx }) => listSites(ctx.db)),
  mine: procedure("sites.mine").query(async ({ ctx }) => {
    const sites = await listSites(ctx.db);
    const { scope } = ctx;
    return scope === "all" ? sites : sites.filter((site) => scope.includes(site.siteId));
  }),
  load: procedure("sites.load")
    .input(z.strictObject({ siteId: z.uuid() }))
    .query(async ({ ctx, input }) => {
      assertInScope(ctx.scope, input.siteId);
      const [site, evaluations, nodes] = await Promise.all([
        loadSite(ctx.db, input.siteId),
        listEvaluations(ctx.db, {
          siteId: input.siteId,
          splits: ["internal-test", "external-test"],
          limit: 500,
        }),
        listWorkerNodes(ctx.db, new Date()),
      ]);
      return {
        ...site,
        evaluations: evaluations.map(toMetricRow),
        workers: nodes.filter((node) => node.queues.includes(siteQueueName(input.siteId))),
      };
    }),
});
