import { listPixelRuleRows, removePixelRule } from "@crossread/db/pixel-rules";
import { assertInScope, isInScope } from "@crossread/db/site-scope";
import { z } from "zod";
import { access, scopeOf } from "../access.ts";
import { procedure, router } from "../trpc.ts";

/** What a site's ingest does by itself about text that a device burns in; rules are made by deciding about held files. */
export const pixelRulesRouter = router({
  list: procedure("pixelRules.list")
    .input(z.strictObject({ siteId: z.uuid() }))
    .query(async ({ ctx, input }) => {
      assertInScope(ctx.scope, input.siteId);
      const keepers = scopeOf(access["pixelRules.remove"], ctx.actor.memberships);
      return {
        rules: await listPixelRuleRows(ctx.db, input.siteId),
        mayRemove: keepers !== undefined && isInScope(keepers, input.siteId),
      };
    }),
  remove: procedure("pixelRules.remove")
    .input(z.strictObject({ siteId: z.uuid(), ruleId: z.uuid() }))
    .mutation(async ({ ctx, input }) => {
      assertInScope(ctx.scope, input.siteId);
      await removePixelRule(ctx.db, { ...input, actorId: ctx.actor.userId });
    }),
});
