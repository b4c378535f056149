import { listAudit, listAuditActions, verifyAudit } from "@crossread/db/audit";
import { z } from "zod";
import { procedure, router } from "../trpc.ts";
import { withoutUndefined } from "../without-undefined.ts";

const filterSchema = z.strictObject({
  action: z.string().max(100).optional(),
  entityKind: z.string().max(100).optional(),
  entityId: z.string().max(100).optional(),
  siteId: z.uuid().optional(),
  before: z.string().regex(/^\d+$/).optional(),
});

export const auditRouter = router({
  list: procedure("audit.list")
    .input(filterSchema)
    .query(({ ctx, input }) => {
      return listAudit(ctx.db, { ...withoutUndefined(input), scope: ctx.scope, pageSize: 50 });
    }),
  actions: procedure("audit.actions").query(({ ctx }) => listAuditActions(ctx.db, ctx.scope)),
  verify: procedure("audit.verify").query(({ ctx }) => verifyAudit(ctx.db)),
});
