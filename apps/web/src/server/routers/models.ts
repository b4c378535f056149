import { listCheckpoints, loadCheckpoint } from "@crossread/db/checkpoints";
import { listEvaluations } from "@crossread/db/evaluations";
import { checkpointManifestSchema } from "@crossread/model/checkpoint-manifest";
import { parameterCount } from "@crossread/model/parameter-table";
import { z } from "zod";
import { toMetricRow } from "../metric-row.ts";
import { procedure, router } from "../trpc.ts";

export const modelsRouter = router({
  list: procedure("models.list")
    .input(z.strictObject({ offset: z.int().min(0) }))
    .query(async ({ ctx, input }) => {
      const page = await listCheckpoints(ctx.db, { ...input, pageSize: 50 });
      const evaluations = await listEvaluations(ctx.db, {
        checkpointIds: page.rows.map((row) => row.checkpointId),
        splits: ["internal-test", "external-test"],
        siteId: null,
        limit: 500,
      });
      return {
        ...page,
        rows: page.rows.map((row) => {
          const evaluation = evaluations.find((one) => one.checkpointId === row.checkpointId);
          return { ...row, evaluation: evaluation === undefined ? null : toMetricRow(evaluation) };
        }),
      };
    }),
  load: procedure("models.load")
    .input(z.strictObject({ checkpointId: z.uuid() }))
    .query(async ({ ctx, input }) => {
      const checkpoint = await loadCheckpoint(ctx.db, input.checkpointId);
      const manifest = checkpointManifestSchema.safeParse(checkpoint.manifest).data ?? null;
      const [own, ofRun] = await Promise.all([
        listEvaluations(ctx.db, { checkpointIds: [input.checkpointId], limit: 500 }),
        checkpoint.runId === null
          ? []
          : listEvaluations(ctx.db, {
              runId: checkpoint.runId,
              splits: ["internal-test", "external-test"],
              limit: 2_000,
            }),
      ]);
      return {
        ...checkpoint,
        /** null where another version of the model wrote it. */
        manifest,
        parameterCount: manifest === null ? null : parameterCount(manifest.config),
        evaluations: own.map(toMetricRow),
        overRounds: ofRun.map(toMetricRow),
      };
    }),
});
