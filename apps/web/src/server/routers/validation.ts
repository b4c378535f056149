import { reportMetricNames } from "@crossread/metrics/evaluation-report";
import { operatingPointRuleSchema } from "@crossread/contracts/operating-point";
import { splitSchema } from "@crossread/contracts/split";
import { listEvaluations } from "@crossread/db/evaluations";
import {
  auditValidationStart,
  createValidationRound,
  listValidationRounds,
  loadValidationRound,
  publishValidationRound,
} from "@crossread/db/validation-rounds";
import { z } from "zod";
import { procedure, router } from "../trpc.ts";

const roundIdSchema = z.strictObject({ validationRoundId: z.uuid() });

export const validationRouter = router({
  list: procedure("validation.list").query(({ ctx }) => listValidationRounds(ctx.db)),
  load: procedure("validation.load")
    .input(roundIdSchema)
    .query(async ({ ctx, input }) => {
      const round = await loadValidationRound(ctx.db, input.validationRoundId);
      const evaluations = await listEvaluations(ctx.db, {
        checkpointIds: round.checkpoints.map(({ checkpointId }) => checkpointId),
        cohortId: round.cohortId,
        splits: [round.split],
        limit: 500,
      });
      return { ...round, evaluations };
    }),
  create: procedure("validation.create")
    .input(
      z.strictObject({
        name: z.string().trim().min(1).max(120),
        cohortId: z.uuid(),
        split: splitSchema.extract(["internal-test", "external-test"]),
        primaryMetric: z.enum(reportMetricNames),
        operatingPoint: operatingPointRuleSchema,
        checkpointIds: z.array(z.uuid()).min(1).max(20),
      }),
    )
    .mutation(({ ctx, input }) => createValidationRound(ctx.db, { ...input, actorId: ctx.actor.userId })),
  start: procedure("validation.start")
    .input(roundIdSchema)
    .mutation(async ({ ctx, input }) => {
      const queue = await ctx.queue();
      await auditValidationStart(ctx.db, { ...input, actorId: ctx.actor.userId });
      await queue.enqueue("run-validation", input);
    }),
  publish: procedure("validation.publish")
    .input(roundIdSchema)
    .mutation(({ ctx, input }) =>
      publishValidationRound(ctx.db, { ...input, actorId: ctx.actor.userId, at: new Date() }),
    ),
});
