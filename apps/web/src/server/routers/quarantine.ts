import {
  countRefusalCodes,
  dismissRefusedFiles,
  listRefusedFiles,
  refusalStates,
} from "@crossread/db/refused-files";
import { z } from "zod";
import { procedure, router } from "../trpc.ts";

const pageSize = 48;

const filterSchema = z.strictObject({
  siteId: z.uuid().optional(),
  code: z.string().max(60).optional(),
  uploadId: z.uuid().optional(),
  state: z.enum(refusalStates).default("open"),
});

export const quarantineRouter = router({
  list: procedure("quarantine.list")
    .input(filterSchema.extend({ page: z.int().min(0).max(1_000_000).default(0) }))
    .query(({ ctx, input }) => {
      const { page, ...filter } = input;
      return listRefusedFiles(ctx.db, {
        ...filter,
        scope: ctx.scope,
        offset: page * pageSize,
        pageSize,
      }).then((found) => ({ ...found, pageSize }));
    }),
  codes: procedure("quarantine.codes")
    .input(filterSchema)
    .query(({ ctx, input }) => countRefusalCodes(ctx.db, { ...input, scope: ctx.scope })),
  dismiss: procedure("quarantine.dismiss")
    .input(
      z.strictObject({
        refusedFileIds: z.array(z.uuid()).min(1).max(pageSize),
        reason: z.string().trim().min(3).max(1_000),
      }),
    )
    .mutation(({ ctx, input }) =>
      dismissRefusedFiles(ctx.db, {
        ...input,
        scope: ctx.scope,
        actorId: ctx.actor.userId,
        now: new Date(),
      }),
    ),
});
