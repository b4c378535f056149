import { assertInScope } from "@crossread/db/site-scope";
import { listSites, loadSite } from "@crossread/db/sites";
import { z } from "zod";
import { procedure, router } from "../trpc.ts";

export const sitesRouter = router({
  list: procedure("sites.list").query(({ ctx }) => listSites(ctx.db)),
  load: procedure("sites.load")
    .input(z.strictObject({ siteId: z.uuid() }))
    .query(({ ctx, input }) => {
      assertInScope(ctx.scope, input.siteId);
      return loadSite(ctx.db, input.siteId);
    }),
});
