import { splitSchema } from "@crossread/contracts/split";
import { appendAudit } from "@crossread/db/audit";
import { readerStudySettingsSchema } from "@crossread/contracts/reader-study-settings";
import { listReaderStudies, loadReaderStudyChoices } from "@crossread/db/reader-study-list";
import { previewReaderStudy } from "@crossread/db/reader-study-preview";
import { loadReaderStudy } from "@crossread/db/reader-study-progress";
import { addReader, withdrawReader } from "@crossread/db/reader-study-readers";
import {
  changeReaderStudyDraft,
  closeReaderStudy,
  discardReaderStudyDraft,
  draftReaderStudy,
  findDraftAid,
  openReaderStudy,
} from "@crossread/db/reader-studies";
import { acrossSites } from "@crossread/db/row-scope";
import { z } from "zod";
import { procedure, router } from "../trpc.ts";
import { readerStudyResultProcedures } from "./reader-study-results.ts";

const studyInput = z.strictObject({ readerStudyId: z.uuid() });
const drawInput = z.strictObject({
  cohortId: z.uuid(),
  checkpointId: z.uuid(),
  split: splitSchema,
  caseLimit: z.int().min(1).max(10_000),
  seed: z.int().min(0).max(2_147_483_647),
  settings: readerStudySettingsSchema,
});
const planInput = drawInput.extend({
  name: z.string().trim().min(1).max(200),
  readerIds: z.array(z.uuid()).min(1).max(100),
});
const reasonInput = z.string().trim().min(1).max(500);

export const readerStudiesRouter = router({
  list: procedure("readerStudies.list").query(({ ctx }) =>
    listReaderStudies(acrossSites(ctx.db, "reader study figures"), ctx.scope),
  ),
  load: procedure("readerStudies.load")
    .input(studyInput)
    .query(({ ctx, input }) =>
      loadReaderStudy(acrossSites(ctx.db, "reader study figures"), {
        ...input,
        viewerId: ctx.actor.userId,
        scope: ctx.scope,
        now: new Date(),
      }),
    ),
  choices: procedure("readerStudies.choices").query(({ ctx }) => loadReaderStudyChoices(ctx.db)),
  ...readerStudyResultProcedures,
  preview: procedure("readerStudies.preview")
    .input(drawInput.extend({ readerCount: z.int().min(1).max(100) }))
    .query(({ ctx, input }) => previewReaderStudy(ctx.db, { ...input, viewerId: ctx.actor.userId })),
  create: procedure("readerStudies.create")
    .input(planInput)
    .mutation(({ ctx, input }) => draftReaderStudy(ctx.db, { ...input, createdBy: ctx.actor.userId })),
  change: procedure("readerStudies.change")
    .input(planInput.extend({ readerStudyId: z.uuid() }))
    .mutation(({ ctx, input: { readerStudyId, ...plan } }) =>
      changeReaderStudyDraft(ctx.db, {
        readerStudyId,
        actorId: ctx.actor.userId,
        plan: { ...plan, createdBy: ctx.actor.userId },
      }),
    ),
  discard: procedure("readerStudies.discard")
    .input(studyInput)
    .mutation(({ ctx, input }) => discardReaderStudyDraft(ctx.db, { ...input, actorId: ctx.actor.userId })),
  open: procedure("readerStudies.open")
    .input(studyInput)
    .mutation(async ({ ctx, input }) => {
      const aid = await findDraftAid(ctx.db, input.readerStudyId);
      // Only the last checkpoint of a run is explained by itself, and no reading is locked without maps. Asked for first: a
      // study that is open cannot be opened once more.
      if (aid !== null) await (await ctx.queue()).enqueue("explain-checkpoint", aid);
      await openReaderStudy(ctx.db, { ...input, actorId: ctx.actor.userId, now: new Date() });
    }),
  addReader: procedure("readerStudies.addReader")
    .input(studyInput.extend({ readerId: z.uuid() }))
    .mutation(({ ctx, input }) =>
      addReader(ctx.db, { ...input, actorId: ctx.actor.userId, now: new Date() }),
    ),
  withdrawReader: procedure("readerStudies.withdrawReader")
    .input(studyInput.extend({ readerId: z.uuid(), reason: reasonInput }))
    .mutation(({ ctx, input }) =>
      withdrawReader(ctx.db, { ...input, actorId: ctx.actor.userId, now: new Date() }),
    ),
  close: procedure("readerStudies.close")
    .input(z.strictObject({ readerStudyId: z.uuid() }))
    .mutation(async ({ ctx, input }) => {
      const { unfinishedCount } = await closeReaderStudy(ctx.db, input.readerStudyId);
      await appendAudit(ctx.db, {
        actorId: ctx.actor.userId,
        siteId: null,
        action: "reader-study.close",
        entityKind: "reader-study",
        entityId: input.readerStudyId,
        details: { unfinishedCount },
      });
      await (await ctx.queue()).enqueue("analyse-reader-study", input);
    }),
});
