import { appendAudit } from "@crossread/db/audit";
import {
  digestReaderStudyInputs,
  findAnalysisProgress,
  findReaderStudyAnalysis,
  openClosedReaderStudy,
} from "@crossread/db/reader-study-results";
import type { Actor } from "@crossread/db/people";
import type { SiteScope } from "@crossread/db/site-scope";
import { acrossSites } from "@crossread/db/row-scope";
import { z } from "zod";
import { procedure } from "../trpc.ts";
import { withReaderNames } from "../with-reader-names.ts";

const input = z.strictObject({ readerStudyId: z.uuid() });

const viewerOf = (ctx: { readonly actor: Actor; readonly scope: SiteScope }) => ({
  userId: ctx.actor.userId,
  scope: ctx.scope,
});

/** What the worker computed of a closed study, and whether it still is what the readings, labels and maps say. */
export const readerStudyResultProcedures = {
  results: procedure("readerStudies.results")
    .input(input)
    .query(async ({ ctx, input: { readerStudyId } }) => {
      // Its figures are over the cases of all sites, and so is the question whether they are still those.
      const db = acrossSites(ctx.db, "reader study figures");
      const study = await openClosedReaderStudy(db, readerStudyId, viewerOf(ctx));
      const [inputDigest, stored, job] = await Promise.all([
        digestReaderStudyInputs(db, readerStudyId),
        findReaderStudyAnalysis(ctx.db, readerStudyId),
        findAnalysisProgress(ctx.db, readerStudyId),
      ]);
      const isCurrent = stored?.inputDigest === inputDigest;
      // What failed waits for a person; all else is asked for, and asking twice adds nothing.
      if (!isCurrent && job?.state !== "failed") {
        await (await ctx.queue()).enqueue("analyse-reader-study", { readerStudyId });
      }
      return {
        ...study,
        isCurrent,
        job: isCurrent ? null : (job ?? null),
        stored: stored === undefined ? null : withReaderNames(stored, study.readerNames),
      };
    }),
  analyse: procedure("readerStudies.analyse")
    .input(input)
    .mutation(async ({ ctx, input: { readerStudyId } }) => {
      const db = acrossSites(ctx.db, "reader study figures");
      await openClosedReaderStudy(db, readerStudyId, viewerOf(ctx));
      await (await ctx.queue()).enqueue("analyse-reader-study", { readerStudyId });
      await appendAudit(ctx.db, {
        actorId: ctx.actor.userId,
        siteId: null,
        action: "reader-study.analyse",
        entityKind: "reader-study",
        entityId: readerStudyId,
        details: {},
      });
    }),
};
