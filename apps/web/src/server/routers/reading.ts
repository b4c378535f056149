import { conditionSchema, mapRatingDraftSchema, readingAnswersSchema } from "@crossread/contracts/reading";
import { loadReadingAid } from "@crossread/db/reading-aid";
import { lockUnaidedReading, saveReadingDraft } from "@crossread/db/reading-drafts";
import { acceptInvitation, declineInvitation } from "@crossread/db/reader-study-readers";
import { listReadingWorkLists, loadOwnReadingSession } from "@crossread/db/reading-work-list";
import { openReadingCase, type ReadingCase } from "@crossread/db/readings";
import { submitAndOpenNext } from "@crossread/db/submit-and-open";
import { z } from "zod";
import { procedure, router } from "../trpc.ts";
import { shownImagesSchema, shownPriorsSchema, stepEndSchema } from "./shown-case.ts";

const assignmentInput = z.strictObject({ assignmentId: z.uuid() });
const stepEndInput = stepEndSchema.extend(assignmentInput.shape);

const storedReadingSchema = z.strictObject({
  answers: readingAnswersSchema,
  mapRating: mapRatingDraftSchema,
  version: z.int(),
  durationMs: z.int(),
  isLocked: z.boolean(),
});

/** Strict on the way out: a field that is not listed here never reaches a reader. */
const readingCaseSchema = z.strictObject({
  assignmentId: z.uuid(),
  readerStudyId: z.uuid(),
  readerStudyName: z.string(),
  position: z.int(),
  caseCount: z.int(),
  conditions: z.array(conditionSchema),
  images: shownImagesSchema,
  priors: shownPriorsSchema,
  unaided: storedReadingSchema.nullable(),
  aided: storedReadingSchema.nullable(),
  next: z.strictObject({ assignmentId: z.uuid(), images: shownImagesSchema }).nullable(),
});

const submittedSchema = z.strictObject({
  nextAssignmentId: z.uuid().nullable(),
  pause: z.strictObject({ reason: z.enum(["session", "washout"]), continuesAt: z.date() }).nullable(),
  opened: readingCaseSchema.nullable(),
});

/** What zod gives back can be changed, what the database gave cannot. */
const toReadingCase = (opened: ReadingCase): z.input<typeof readingCaseSchema> => ({
  ...opened,
  conditions: [...opened.conditions],
  images: [...opened.images],
  priors: opened.priors.map((prior) => ({ ...prior, images: [...prior.images] })),
  next: opened.next === null ? null : { ...opened.next, images: [...opened.next.images] },
});

export const readingRouter = router({
  workList: procedure("reading.workList").query(({ ctx }) =>
    listReadingWorkLists(ctx.db, ctx.actor.userId, new Date()),
  ),
  accept: procedure("reading.accept")
    .input(z.strictObject({ readerStudyId: z.uuid() }))
    .mutation(({ ctx, input }) =>
      acceptInvitation(ctx.db, { ...input, readerId: ctx.actor.userId, now: new Date() }),
    ),
  decline: procedure("reading.decline")
    .input(z.strictObject({ readerStudyId: z.uuid(), reason: z.string().trim().min(1).max(500) }))
    .mutation(({ ctx, input }) =>
      declineInvitation(ctx.db, { ...input, readerId: ctx.actor.userId, now: new Date() }),
    ),
  session: procedure("reading.session")
    .input(z.strictObject({ readerStudyId: z.uuid() }))
    .query(({ ctx, input }) =>
      loadOwnReadingSession(ctx.db, { ...input, readerId: ctx.actor.userId, now: new Date() }),
    ),
  /** A mutation, because it starts the clock of the unaided reading. */
  open: procedure("reading.open")
    .input(assignmentInput)
    .output(readingCaseSchema)
    .mutation(async ({ ctx, input }) =>
      toReadingCase(await openReadingCase(ctx.db, { ...input, readerId: ctx.actor.userId }, new Date())),
    ),
  saveDraft: procedure("reading.saveDraft")
    .input(
      stepEndInput.extend({
        condition: conditionSchema,
        answers: readingAnswersSchema,
        mapRating: mapRatingDraftSchema,
      }),
    )
    .mutation(({ ctx, input }) =>
      saveReadingDraft(ctx.db, { ...input, readerId: ctx.actor.userId, now: new Date() }),
    ),
  lock: procedure("reading.lock")
    .input(stepEndInput)
    .mutation(({ ctx, input }) =>
      lockUnaidedReading(ctx.db, { ...input, readerId: ctx.actor.userId, now: new Date() }),
    ),
  aid: procedure("reading.aid")
    .input(assignmentInput)
    .query(({ ctx, input }) => loadReadingAid(ctx.db, { ...input, readerId: ctx.actor.userId })),
  /** Answers with the next case, opened as `open` does it: its clock starts with the answer. */
  submit: procedure("reading.submit")
    .input(stepEndInput)
    .output(submittedSchema)
    .mutation(async ({ ctx, input }) => {
      const end = { ...input, readerId: ctx.actor.userId, now: new Date() };
      const { opened, ...submitted } = await submitAndOpenNext(ctx.db, end);
      return { ...submitted, opened: opened === null ? null : toReadingCase(opened) };
    }),
});
