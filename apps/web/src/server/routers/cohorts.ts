import { splitSchema } from "@crossread/contracts/split";
import { listCohortLeaks, loadCohortCleanliness } from "@crossread/db/cohort-leaks";
import { createCohort, previewCohort } from "@crossread/db/cohort-draw";
import { freezeCohort } from "@crossread/db/cohort-freeze";
import { listCohortMembers } from "@crossread/db/cohort-members";
import { assertCohortExists, listCohorts, loadCohort } from "@crossread/db/cohorts";
import {
  excludeFromCohort,
  linkSubjects,
  recordNoLeak,
  undoLeakDecision,
} from "@crossread/db/leak-decisions";
import { acrossSites } from "@crossread/db/row-scope";
import { z } from "zod";
import { withoutUndefined } from "../without-undefined.ts";
import { procedure, router } from "../trpc.ts";

const reason = z.string().trim().min(3).max(500);
const share = z.number().min(0).max(1);
const recipeSchema = z.strictObject({
  siteIds: z.array(z.uuid()).min(1).max(100),
  fractions: z.strictObject({ train: share, tuning: share, "internal-test": share }),
  seed: z.int().min(0).max(2_147_483_647),
});

export const cohortsRouter = router({
  list: procedure("cohorts.list").query(({ ctx }) => listCohorts(acrossSites(ctx.db, "cohort figures"))),
  load: procedure("cohorts.load")
    .input(z.strictObject({ cohortId: z.uuid() }))
    .query(({ ctx, input }) =>
      loadCohort(acrossSites(ctx.db, "cohort figures"), input.cohortId, ctx.actor.userId),
    ),
  members: procedure("cohorts.members")
    .input(
      z.strictObject({
        cohortId: z.uuid(),
        siteId: z.uuid().optional(),
        split: splitSchema.optional(),
        offset: z.int().min(0),
      }),
    )
    .query(({ ctx, input }) =>
      listCohortMembers(ctx.db, {
        ...withoutUndefined(input),
        scope: ctx.scope,
        viewerId: ctx.actor.userId,
        pageSize: 50,
      }),
    ),
  preview: procedure("cohorts.preview")
    .input(recipeSchema)
    .query(({ ctx, input }) => previewCohort(ctx.db, input, ctx.actor.userId)),
  create: procedure("cohorts.create")
    .input(
      recipeSchema.extend({
        name: z.string().trim().min(1).max(120),
        purpose: z.string().trim().max(1_000),
        allowsMixedAcquisition: z.boolean().default(false),
      }),
    )
    .mutation(async ({ ctx, input }) => {
      const created = await createCohort(ctx.db, { ...input, actorId: ctx.actor.userId });
      await (await ctx.queue()).enqueue("compare-images", {});
      return created;
    }),
  freeze: procedure("cohorts.freeze")
    .input(z.strictObject({ cohortId: z.uuid() }))
    .mutation(({ ctx, input }) =>
      freezeCohort(ctx.db, { ...input, actorId: ctx.actor.userId, at: new Date() }),
    ),
  cleanliness: procedure("cohorts.cleanliness")
    .input(z.strictObject({ cohortId: z.uuid() }))
    .query(async ({ ctx, input }) => {
      await assertCohortExists(ctx.db, input.cohortId);
      return loadCohortCleanliness(acrossSites(ctx.db, "cohort figures"), input.cohortId);
    }),
  leaks: procedure("cohorts.leaks")
    .input(z.strictObject({ cohortId: z.uuid() }))
    .query(async ({ ctx, input }) => {
      await assertCohortExists(ctx.db, input.cohortId);
      return listCohortLeaks(ctx.db, input.cohortId);
    }),
  excludeCase: procedure("cohorts.excludeCase")
    .input(z.strictObject({ pairId: z.uuid(), cohortId: z.uuid(), caseId: z.uuid(), reason }))
    .mutation(({ ctx, input }) =>
      excludeFromCohort(ctx.db, { ...input, actorId: ctx.actor.userId, at: new Date() }),
    ),
  linkPatients: procedure("cohorts.linkPatients")
    .input(z.strictObject({ pairId: z.uuid(), reason }))
    .mutation(({ ctx, input }) =>
      linkSubjects(ctx.db, { ...input, actorId: ctx.actor.userId, at: new Date() }),
    ),
  recordNoLeak: procedure("cohorts.recordNoLeak")
    .input(z.strictObject({ pairId: z.uuid(), reason }))
    .mutation(({ ctx, input }) =>
      recordNoLeak(ctx.db, { ...input, actorId: ctx.actor.userId, at: new Date() }),
    ),
  undoLeakDecision: procedure("cohorts.undoLeakDecision")
    .input(z.strictObject({ decisionId: z.uuid(), verdict: z.enum(["no-leak", "one-woman"]), reason }))
    .mutation(({ ctx, input }) =>
      undoLeakDecision(ctx.db, { ...input, actorId: ctx.actor.userId, at: new Date() }),
    ),
});
