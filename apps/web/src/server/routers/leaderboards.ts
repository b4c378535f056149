import { splitSchema } from "@crossread/contracts/split";
import { loadCohortCleanliness } from "@crossread/db/cohort-leaks";
import type { Database } from "@crossread/db/database";
import {
  findBestByDip,
  findHeadline,
  listEvaluatedCohorts,
  listEvaluations,
} from "@crossread/db/evaluations";
import { acrossSites } from "@crossread/db/row-scope";
import { z } from "zod";
import { minimumCaseCount, rankByDip } from "../leaderboard.ts";
import { toMetricRow } from "../metric-row.ts";
import { procedure, router } from "../trpc.ts";

const boardSchema = z.strictObject({ cohortId: z.uuid(), split: splitSchema }).nullable();
const largestBoard = 20;

/** Results over copies of training images are not ranked. */
async function refusalOf(db: Database, cohortId: string) {
  const { blockingCount, splitWomenCount } = await loadCohortCleanliness(
    acrossSites(db, "cohort figures"),
    cohortId,
  );
  return blockingCount + splitWomenCount === 0 ? null : { cohortId, blockingCount, splitWomenCount };
}

export const leaderboardsRouter = router({
  models: procedure("leaderboards.models")
    .input(boardSchema)
    .query(async ({ ctx, input }) => {
      const boards = await listEvaluatedCohorts(ctx.db);
      const board = input ?? boards[0];
      if (board === undefined) return { boards, board: null, refusal: null };
      const refusal = await refusalOf(ctx.db, board.cohortId);
      if (refusal !== null) return { boards, board: null, refusal: { ...refusal, split: board.split } };
      const { evaluationIds, totalCount } = await findBestByDip(ctx.db, { ...board, limit: largestBoard });
      const evaluations = await listEvaluations(ctx.db, { evaluationIds, limit: largestBoard });
      return {
        boards,
        refusal: null,
        board: {
          cohortId: board.cohortId,
          split: board.split,
          minimumCaseCount,
          totalCount,
          rows: evaluations.map(toMetricRow),
          baselines: evaluations[0]?.report.baselines ?? [],
          ...(await rankByDip(ctx.db, evaluations, "paired")),
        },
      };
    }),
  sites: procedure("leaderboards.sites")
    .input(z.strictObject({ checkpointId: z.uuid() }).nullable())
    .query(async ({ ctx, input }) => {
      const headline = await findHeadline(ctx.db);
      const checkpointId = input?.checkpointId ?? headline?.checkpointId;
      if (checkpointId === undefined) return null;
      const all = await listEvaluations(ctx.db, {
        checkpointIds: [checkpointId],
        splits: ["internal-test", "external-test"],
        limit: 200,
      });
      const newest = all[0];
      const evaluations = all.filter(
        (one) => one.siteId !== null && one.cohortId === newest?.cohortId && one.split === newest.split,
      );
      if (newest !== undefined && (await refusalOf(ctx.db, newest.cohortId)) !== null) return null;
      return {
        minimumCaseCount,
        rows: evaluations.map(toMetricRow),
        ...(await rankByDip(ctx.db, evaluations, "separate")),
      };
    }),
});
