import { pixelAnswerSchema } from "@crossread/contracts/pixel-rule";
import { decideHeldFiles } from "@crossread/db/decide-held-files";
import { countAlike, loadHeldFile } from "@crossread/db/held-files";
import { sumHeldFiles } from "@crossread/db/held-room";
import {
  countRefusalCodes,
  dismissRefusedFiles,
  listRefusedFiles,
  refusalStates,
} from "@crossread/db/refused-files";
import { z } from "zod";
import { env } from "../../env.ts";
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
    .query(async ({ ctx, input }) => {
      const { page, ...filter } = input;
      const { scope } = ctx;
      const [found, held] = await Promise.all([
        listRefusedFiles(ctx.db, { ...filter, scope, offset: page * pageSize, pageSize }),
        sumHeldFiles(ctx.db, { scope, siteId: filter.siteId }),
      ]);
      return { ...found, pageSize, held, heldBytesLimit: env().CROSSREAD_HELD_GIB * 2 ** 30 };
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
    .mutation(async ({ ctx, input }) => {
      const { dismissedCount, held } = await dismissRefusedFiles(ctx.db, {
        ...input,
        scope: ctx.scope,
        actorId: ctx.actor.userId,
        now: new Date(),
      });
      // The worker removes what was kept of them.
      const queue = held.length === 0 ? undefined : await ctx.queue();
      for (const upload of held) await queue?.enqueue("ingest-upload", upload);
      return dismissedCount;
    }),
  /** A file that waits for a decision about its pixels; its preview is fetched from /api/held. */
  held: procedure("quarantine.held")
    .input(z.strictObject({ refusedFileId: z.uuid() }))
    .query(async ({ ctx, input }) => {
      const { previewKey: _kept, ...held } = await loadHeldFile(ctx.db, ctx.scope, input.refusedFileId);
      return { ...held, alikeCount: await countAlike(ctx.db, held) };
    }),
  decide: procedure("quarantine.decide")
    .input(
      z.strictObject({
        refusedFileId: z.uuid(),
        answer: pixelAnswerSchema,
        reach: z.enum(["file", "alike"]),
        isRemembered: z.boolean(),
      }),
    )
    .mutation(async ({ ctx, input }) => {
      const { decidedCount, siteId, uploadIds } = await decideHeldFiles(ctx.db, {
        ...input,
        scope: ctx.scope,
        actorId: ctx.actor.userId,
        now: new Date(),
      });
      const queue = uploadIds.length === 0 ? undefined : await ctx.queue();
      for (const uploadId of uploadIds) await queue?.enqueue("ingest-upload", { siteId, uploadId });
      return { decidedCount };
    }),
});
