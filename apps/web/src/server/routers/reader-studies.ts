import { splitSchema } from "@crossread/contracts/split";
import { appendAudit } from "@crossread/db/audit";
import {
  closeReaderStudy,
  createReaderStudy,
  listReaderStudies,
  loadReaderStudyChoices,
} from "@crossread/db/reader-studies";
import { loadClosedReaderStudy } from "@crossread/db/reader-study-results";
import { z } from "zod";
import { analyseReaderStudy } from "../reader-study-analysis.ts";
import { procedure, router } from "../trpc.ts";

export const readerStudiesRouter = router({
  list: procedure("readerStudies.list").query(({ ctx }) => listReaderStudies(ctx.db)),
  choices: procedure("readerStudies.choices").query(({ ctx }) => loadReaderStudyChoices(ctx.db)),
  results: procedure("readerStudies.results")
    .input(z.strictObject({ readerStudyId: z.uuid() }))
    .query(async ({ ctx, input }) =>
      analyseReaderStudy(await loadClosedReaderStudy(ctx.db, input.readerStudyId, ctx.scope)),
    ),
  create: procedure("readerStudies.create")
    .input(
      z.strictObject({
        name: z.string().trim().min(1).max(200),
        cohortId: z.uuid(),
        checkpointId: z.uuid(),
        split: splitSchema,
        readerIds: z.array(z.uuid()).min(1).max(100),
        caseLimit: z.int().min(1).max(10_000),
        seed: z.int().min(0).max(2_147_483_647),
      }),
    )
    .mutation(async ({ ctx, input }) => {
      const created = await createReaderStudy(ctx.db, { ...input, createdBy: ctx.actor.userId });
      await appendAudit(ctx.db, {
        actorId: ctx.actor.userId,
        siteId: null,
        action: "reader-study.create",
        entityKind: "reader-study",
        entityId: created.readerStudyId,
        details: {
          cohortId: input.cohortId,
          checkpointId: input.checkpointId,
          split: input.split,
          readerIds: input.readerIds,
          caseCount: created.caseCount,
          seed: input.seed,
        },
      });
      return created;
    }),
  close: procedure("readerStudies.close")
    .input(z.strictObject({ readerStudyId: z.uuid() }))
    .mutation(async ({ ctx, input }) => {
      await closeReaderStudy(ctx.db, input.readerStudyId);
      await appendAudit(ctx.db, {
        actorId: ctx.actor.userId,
        siteId: null,
        action: "reader-study.close",
        entityKind: "reader-study",
        entityId: input.readerStudyId,
        details: {},
      });
    }),
});
