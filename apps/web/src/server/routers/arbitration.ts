import { arbitrationStepSchema, handoverShareSchema } from "@crossread/contracts/arbitration";
import { findingSchema, lateralitySchema } from "@crossread/contracts/dataset-manifest";
import { discordanceKindSchema, discordanceRulesSchema } from "@crossread/contracts/discordance";
import { readingAnswersSchema } from "@crossread/contracts/reading";
import {
  decideArbitration,
  lockIndependentReading,
  saveArbitrationDraft,
} from "@crossread/db/arbitration-drafts";
import { handOverArbitrations } from "@crossread/db/arbitration-handover";
import { listArbitratorChoices, openArbitration } from "@crossread/db/arbitration-queue";
import { loadCaseRecord } from "@crossread/db/arbitration-record";
import { listArbitrationWorkLists } from "@crossread/db/arbitration-work-list";
import { openArbitrationCase } from "@crossread/db/arbitrations";
import type { RevealedStep } from "@crossread/db/arbitration-steps";
import { applyConsensus } from "@crossread/db/consensus";
import { listSettledBreasts } from "@crossread/db/consensus-list";
import { listDiscordances } from "@crossread/db/discordance-list";
import { loadModelDecision } from "@crossread/db/model-decision";
import { z } from "zod";
import { procedure, router } from "../trpc.ts";
import { withoutUndefined } from "../without-undefined.ts";
import { shownImagesSchema, shownPriorsSchema, stepEndSchema } from "./shown-case.ts";

const studyInput = z.strictObject({ readerStudyId: z.uuid() });
const arbitrationInput = z.strictObject({ arbitrationId: z.uuid() });
const pageSize = 25;
const stepEndInput = stepEndSchema.extend(arbitrationInput.shape);
const chosenRulesSchema = discordanceRulesSchema.omit({ model: true }).strict();
const storedStepSchema = z.strictObject({
  answers: readingAnswersSchema,
  version: z.int(),
  durationMs: z.int(),
  isLocked: z.boolean(),
});
const revealedStepSchema = z.strictObject({
  decision: storedStepSchema,
  readings: z.array(readingAnswersSchema.omit({ comment: true }).strict()),
});

/** Strict on the way out: a field that is not listed here never reaches an arbitrator. */
const arbitrationCaseSchema = z.strictObject({
  arbitrationId: z.uuid(),
  /** Whose session it is: the room asks how long the arbitrator has been reading. */
  readerStudyId: z.uuid(),
  readerStudyName: z.string(),
  position: z.int(),
  caseCount: z.int(),
  images: shownImagesSchema,
  priors: shownPriorsSchema,
  independent: storedStepSchema,
  revealed: revealedStepSchema.nullable(),
  next: z.strictObject({ arbitrationId: z.uuid(), images: shownImagesSchema }).nullable(),
});

const toRevealed = (step: RevealedStep) => ({ ...step, readings: [...step.readings] });

export const arbitrationRouter = router({
  workList: procedure("arbitration.workList").query(({ ctx }) =>
    listArbitrationWorkLists(ctx.db, ctx.actor.userId, new Date()),
  ),
  /** A mutation, because it starts the clock of the independent reading. */
  openCase: procedure("arbitration.openCase")
    .input(arbitrationInput)
    .output(arbitrationCaseSchema)
    .mutation(async ({ ctx, input }) => {
      const opened = await openArbitrationCase(
        ctx.db,
        { ...input, arbitratorId: ctx.actor.userId },
        new Date(),
      );
      return {
        ...opened,
        images: [...opened.images],
        priors: opened.priors.map((prior) => ({ ...prior, images: [...prior.images] })),
        revealed: opened.revealed === null ? null : toRevealed(opened.revealed),
        next: opened.next === null ? null : { ...opened.next, images: [...opened.next.images] },
      };
    }),
  saveDraft: procedure("arbitration.saveDraft")
    .input(stepEndInput.extend({ step: arbitrationStepSchema, answers: readingAnswersSchema }))
    .mutation(({ ctx, input }) =>
      saveArbitrationDraft(ctx.db, { ...input, arbitratorId: ctx.actor.userId, now: new Date() }),
    ),
  lock: procedure("arbitration.lock")
    .input(stepEndInput)
    .output(revealedStepSchema)
    .mutation(async ({ ctx, input }) =>
      toRevealed(
        await lockIndependentReading(ctx.db, { ...input, arbitratorId: ctx.actor.userId, now: new Date() }),
      ),
    ),
  decide: procedure("arbitration.decide")
    .input(stepEndInput)
    .mutation(({ ctx, input }) =>
      decideArbitration(ctx.db, { ...input, arbitratorId: ctx.actor.userId, now: new Date() }),
    ),

  discordances: procedure("arbitration.discordances")
    .input(
      studyInput.extend({
        rules: chosenRulesSchema,
        kind: discordanceKindSchema.optional(),
        siteId: z.uuid().optional(),
        offset: z.int().min(0),
      }),
    )
    .query(async ({ ctx, input }) => ({
      ...(await listDiscordances(ctx.db, {
        ...withoutUndefined(input),
        viewerId: ctx.actor.userId,
        pageSize,
      })),
      pageSize,
    })),
  choices: procedure("arbitration.choices")
    .input(studyInput)
    .query(async ({ ctx, input }) => ({
      ...(await listArbitratorChoices(ctx.db, input.readerStudyId)),
      decision: await loadModelDecision(ctx.db, input.readerStudyId),
    })),
  open: procedure("arbitration.open")
    .input(
      studyInput.extend({
        rules: chosenRulesSchema,
        arbitratorIds: z.array(z.uuid()).min(1).max(50),
        controlCount: z.int().min(0).max(10_000),
        seed: z.int().min(0).max(2_147_483_647),
      }),
    )
    .mutation(({ ctx, input }) =>
      openArbitration(ctx.db, {
        ...input,
        arbitratorIds: [...new Set(input.arbitratorIds)],
        actorId: ctx.actor.userId,
        now: new Date(),
      }),
    ),
  handOver: procedure("arbitration.handOver")
    .input(
      studyInput.extend({
        fromId: z.uuid(),
        toId: z.uuid(),
        share: handoverShareSchema,
        reason: z.string().trim().min(1).max(1_000),
      }),
    )
    .mutation(({ ctx, input }) =>
      handOverArbitrations(ctx.db, { ...input, actorId: ctx.actor.userId, now: new Date() }),
    ),
  settled: procedure("arbitration.settled")
    .input(studyInput.extend({ basis: z.enum(["arbitration", "unanimous"]), offset: z.int().min(0) }))
    .query(async ({ ctx, input }) => ({
      ...(await listSettledBreasts(ctx.db, { ...input, viewerId: ctx.actor.userId, pageSize })),
      pageSize,
    })),
  record: procedure("arbitration.record")
    .input(studyInput.extend({ caseId: z.uuid() }))
    .query(({ ctx, input }) => loadCaseRecord(ctx.db, { ...input, viewerId: ctx.actor.userId })),
  applyConsensus: procedure("arbitration.applyConsensus")
    .input(
      studyInput.extend({
        caseId: z.uuid(),
        laterality: lateralitySchema,
        finding: findingSchema,
        reason: z.string().trim().min(1).max(1_000),
        version: z.int().min(0),
        acknowledgesFrozen: z.boolean(),
      }),
    )
    .mutation(({ ctx, input }) =>
      applyConsensus(ctx.db, {
        ...input,
        viewer: { userId: ctx.actor.userId, scope: ctx.scope },
        now: new Date(),
      }),
    ),
});
