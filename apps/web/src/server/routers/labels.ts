import { caseLabelsSchema } from "@crossread/contracts/breast-label";
import { labelMappingSchema, labelTableSchema } from "@crossread/contracts/label-import";
import { referenceMarksSchema } from "@crossread/contracts/reference-mark";
import { assertInScope } from "@crossread/db/site-scope";
import { planLabelImport, type LabelImportPlan } from "@crossread/db/label-import-plan";
import { planUndo, undoLabelImport } from "@crossread/db/label-import-undo";
import {
  applyLabelImport,
  findLabelMapping,
  listLabelImports,
  loadLabelImportReport,
} from "@crossread/db/label-imports";
import { changeReferenceMarks } from "@crossread/db/reference-marks";
import { changeLabels } from "@crossread/db/reference-standards";
import { z } from "zod";
import { procedure, router } from "../trpc.ts";

const reasonSchema = z.string().trim().min(3, "A reason needs at least three characters.").max(1_000);

interface Caller {
  readonly actor: { readonly userId: string };
  readonly scope: "all" | readonly string[];
}
const viewerOf = ({ actor, scope }: Caller) => ({ userId: actor.userId, scope });

/** What a person decides by; the changes themselves stay in the database. */
const shownPlan = (plan: LabelImportPlan) => ({
  outcomes: plan.outcomes,
  counts: plan.counts,
  changedCaseCount: plan.changes.length,
  frozenCohorts: plan.frozenCohorts,
  digest: plan.digest,
});

export const labelsRouter = router({
  change: procedure("labels.change")
    .input(
      z.strictObject({
        caseId: z.uuid(),
        version: z.int().min(0),
        labels: caseLabelsSchema,
        reason: reasonSchema,
        acknowledgesFrozen: z.boolean().default(false),
      }),
    )
    .mutation(({ ctx, input }) => changeLabels(ctx.db, { ...input, viewer: viewerOf(ctx), now: new Date() })),
  changeMarks: procedure("labels.changeMarks")
    .input(
      z.strictObject({
        caseId: z.uuid(),
        version: z.int().min(0),
        marks: referenceMarksSchema,
        reason: reasonSchema,
        acknowledgesFrozen: z.boolean().default(false),
      }),
    )
    .mutation(({ ctx, input }) =>
      changeReferenceMarks(ctx.db, { ...input, viewer: viewerOf(ctx), now: new Date() }),
    ),
  mapping: procedure("labels.mapping")
    .input(z.strictObject({ siteId: z.uuid() }))
    .query(async ({ ctx, input }) => (await findLabelMapping(ctx.db, viewerOf(ctx), input.siteId)) ?? null),
  /** A mutation although it writes nothing: a table does not fit into a URL. */
  previewImport: procedure("labels.previewImport")
    .input(labelTableSchema)
    .mutation(async ({ ctx, input }) => {
      assertInScope(ctx.scope, input.siteId);
      return shownPlan(await planLabelImport(ctx.db, viewerOf(ctx), input));
    }),
  applyImport: procedure("labels.applyImport")
    .input(
      z.strictObject({
        table: labelTableSchema,
        mapping: labelMappingSchema,
        reason: reasonSchema,
        planDigest: z.string().length(64),
        acknowledgesFrozen: z.boolean().default(false),
      }),
    )
    .mutation(async ({ ctx, input }) => {
      const { importId, plan } = await applyLabelImport(ctx.db, {
        ...input,
        viewer: viewerOf(ctx),
        now: new Date(),
      });
      return { importId, ...shownPlan(plan) };
    }),
  imports: procedure("labels.imports")
    .input(z.strictObject({ siteId: z.uuid().optional() }))
    .query(({ ctx, input }) =>
      listLabelImports(ctx.db, {
        viewer: viewerOf(ctx),
        ...(input.siteId === undefined ? {} : { siteId: input.siteId }),
      }),
    ),
  report: procedure("labels.report")
    .input(z.strictObject({ importId: z.uuid() }))
    .query(({ ctx, input }) => loadLabelImportReport(ctx.db, viewerOf(ctx), input.importId)),
  previewUndo: procedure("labels.previewUndo")
    .input(z.strictObject({ importId: z.uuid() }))
    .query(async ({ ctx, input }) => {
      const plan = await planUndo(ctx.db, viewerOf(ctx), input.importId);
      return {
        restoredCaseCount: plan.changes.length,
        kept: plan.kept,
        frozenCohorts: plan.frozenCohorts,
      };
    }),
  undo: procedure("labels.undo")
    .input(
      z.strictObject({
        importId: z.uuid(),
        reason: reasonSchema,
        acknowledgesFrozen: z.boolean().default(false),
      }),
    )
    .mutation(({ ctx, input }) =>
      undoLabelImport(ctx.db, { ...input, viewer: viewerOf(ctx), now: new Date() }),
    ),
});
