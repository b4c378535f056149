import { trainingPlanSchema } from "@crossread/contracts/training-plan";
import {
  cancelTrainingRun,
  countTrainingImages,
  createTrainingRun,
  listTrainingRuns,
  loadTrainingRun,
} from "@crossread/db/training-runs";
import { z } from "zod";
import { changesOf } from "../polling.ts";
import { estimateRun } from "../run-estimate.ts";
import { procedure, router } from "../trpc.ts";

const runIdSchema = z.strictObject({ runId: z.uuid() });

export const trainingRouter = router({
  list: procedure("training.list")
    .input(z.strictObject({ offset: z.int().min(0) }))
    .query(({ ctx, input }) => listTrainingRuns(ctx.db, { ...input, pageSize: 50 })),
  load: procedure("training.load")
    .input(runIdSchema)
    .query(({ ctx, input }) => loadTrainingRun(ctx.db, input.runId)),
  watch: procedure("training.watch")
    .input(runIdSchema)
    .subscription(({ ctx, input, signal }) =>
      changesOf(() => loadTrainingRun(ctx.db, input.runId), { intervalMs: 1_000, signal }),
    ),
  estimate: procedure("training.estimate")
    .input(
      z.strictObject({
        cohortId: z.uuid(),
        siteIds: z.array(z.uuid()).max(100),
        plan: trainingPlanSchema.pick({
          architecture: true,
          rounds: true,
          localEpochs: true,
          batchSize: true,
        }),
      }),
    )
    .query(async ({ ctx, input }) => {
      const sites = await countTrainingImages(ctx.db, input.cohortId);
      return estimateRun(
        input.plan,
        sites.filter(({ siteId }) => input.siteIds.includes(siteId)),
      );
    }),
  launch: procedure("training.launch")
    .input(
      z.strictObject({
        name: z.string().trim().min(1).max(120),
        cohortId: z.uuid(),
        siteIds: z.array(z.uuid()).min(1).max(100),
        plan: trainingPlanSchema,
        initialCheckpointId: z.uuid().nullable(),
      }),
    )
    .mutation(async ({ ctx, input }) => {
      const queue = await ctx.queue();
      const run = await createTrainingRun(ctx.db, { ...input, actorId: ctx.actor.userId });
      await queue.enqueue("prepare-run", { runId: run.runId });
      return run;
    }),
  cancel: procedure("training.cancel")
    .input(runIdSchema)
    .mutation(({ ctx, input }) => cancelTrainingRun(ctx.db, { ...input, actorId: ctx.actor.userId })),
});
