import { findingSchema, lateralitySchema, viewSchema } from "@crossread/contracts/dataset-manifest";
import { changeReferenceStandard, referenceSources } from "@crossread/db/reference-standards";
import { assertInScope } from "@crossread/db/site-scope";
import { countStudies, listRefusedFiles, listStudies } from "@crossread/db/studies";
import { loadStudy } from "@crossread/db/study-detail";
import { z } from "zod";
import { procedure, router } from "../trpc.ts";

const pageSize = 48;
const pageIndex = z.int().min(0).max(1_000_000).default(0);

const studyFilterSchema = z.strictObject({
  siteId: z.uuid().optional(),
  finding: z.enum([...findingSchema.options, "unknown"]).optional(),
  laterality: lateralitySchema.optional(),
  view: viewSchema.optional(),
  from: z.iso.date().optional(),
  to: z.iso.date().optional(),
  search: z.string().max(100).optional(),
});

export const studiesRouter = router({
  list: procedure("studies.list")
    .input(z.strictObject({ filter: studyFilterSchema, page: pageIndex }))
    .query(({ ctx, input }) =>
      listStudies(ctx.db, {
        viewer: { userId: ctx.actor.userId, scope: ctx.scope },
        filter: input.filter,
        page: input.page,
        pageSize,
      }).then((page) => ({ ...page, pageSize })),
    ),
  counts: procedure("studies.counts").query(({ ctx }) =>
    countStudies(ctx.db, { userId: ctx.actor.userId, scope: ctx.scope }),
  ),
  load: procedure("studies.load")
    .input(z.strictObject({ studyId: z.uuid() }))
    .query(({ ctx, input }) =>
      loadStudy(ctx.db, { userId: ctx.actor.userId, scope: ctx.scope }, input.studyId),
    ),
  refused: procedure("studies.refused")
    .input(z.strictObject({ page: pageIndex }))
    .query(({ ctx, input }) =>
      listRefusedFiles(ctx.db, { scope: ctx.scope, page: input.page, pageSize }).then((page) => ({
        ...page,
        pageSize,
      })),
    ),
  changeReference: procedure("studies.changeReference")
    .input(
      z.strictObject({
        caseId: z.uuid(),
        laterality: lateralitySchema,
        finding: findingSchema,
        source: z.enum(referenceSources),
        reason: z.string().trim().min(3).max(1_000),
      }),
    )
    .mutation(({ ctx, input }) =>
      changeReferenceStandard(ctx.db, {
        ...input,
        viewer: { userId: ctx.actor.userId, scope: ctx.scope },
        now: new Date(),
      }),
    ),
  /** The files of an upload lie in the blob store; this hands them to the worker. */
  finishUpload: procedure("studies.finishUpload")
    .input(z.strictObject({ siteId: z.uuid(), uploadId: z.uuid() }))
    .mutation(async ({ ctx, input }) => {
      assertInScope(ctx.scope, input.siteId);
      await (await ctx.queue()).enqueue("ingest-upload", input);
    }),
});
