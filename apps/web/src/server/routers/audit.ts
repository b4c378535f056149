import { listAudit, listAuditActions, verifyAudit } from "@crossread/db/audit";
import { z } from "zod";
import { procedure, router } from "../trpc.ts";
import { withoutUndefined } from "../without-undefined.ts";

const filterSchema = z.strictObject({
  action: z.string().max(100).optional(),
  entityKind: z.string().max(100).optional(),
  entityId: z.string().max(100).optional(),
  siteId: z.uuid().optional(),
  /** Sequence below which to go on; tRPC's infinite queries call it so. */
  cursor: z.string().regex(/^\d+$/).nullish(),
  direction: z.enum(["forward", "backward"]).optional(),
});

export const auditRouter = router({
  list: procedure("audit.list")
    .input(filterSchema)
    .query(({ ctx, input: { cursor, direction: _direction, ...filter } }) =>
      listAudit(ctx.db, {
        ...withoutUndefined(filter),
        ...(cursor === undefined || cursor === null ? {} : { before: cursor }),
        scope: ctx.scope,
        viewerId: ctx.actor.userId,
        pageSize: 50,
      }),
    ),
  actions: procedure("audit.actions").query(({ ctx }) => listAuditActions(ctx.db, ctx.scope)),
  verify: procedure("audit.verify").query(({ ctx }) => verifyAudit(ctx.db)),
});
