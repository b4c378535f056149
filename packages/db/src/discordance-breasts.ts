import type { Finding, Laterality } from "@crossread/contracts/dataset-manifest";
import type { DiscordanceRules } from "@crossread/contracts/discordance";
import { biradsSchema, type Birads } from "@crossread/contracts/reading";
import { z } from "zod";
import { pendingCaseIds } from "./blinding.ts";
import { whereIndependentOf } from "./consensus-provenance.ts";
import type { Database, Transaction } from "./database.ts";
import type { JudgedBreast } from "./discordance-rules.ts";

/** A breast with images of a case that somebody read in the study: as many as there are, however many readers. */
export interface StudyBreast extends JudgedBreast {
  readonly siteId: string;
  readonly caseLabel: string;
  /** In force now, whoever made it. */
  readonly finding: Finding | null;
  /** Whether the case is still blind to the viewer, in whatever role. */
  readonly isHidden: boolean;
}

interface StudyOfViewer {
  readonly readerStudyId: string;
  /** Null: for nobody's eyes. */
  readonly viewerId: string | null;
}

interface BreastRow {
  readonly caseId: string;
  readonly siteId: string;
  readonly caseLabel: string;
  readonly laterality: Laterality;
  readonly biradsCounts: unknown;
  readonly leastSuspicion: number;
  readonly mostSuspicion: number;
  readonly standardId: string | null;
  readonly isConsensus: boolean;
  readonly finding: Finding | null;
  readonly score: number | null;
  readonly earlierScore: number | null;
  readonly isHidden: boolean;
}

const biradsCountsSchema = z.partialRecord(biradsSchema, z.int().min(1));
const nobody = "00000000-0000-0000-0000-000000000000";

/** Every breast that locked readings of the study speak of, in the order of cases, right before left. */
export async function loadStudyBreasts(
  db: Database | Transaction,
  { readerStudyId, viewerId }: StudyOfViewer,
  rules: Pick<DiscordanceRules, "model" | "earlierCheckpointId">,
): Promise<StudyBreast[]> {
  const [checkpointId, earlierId] = [rules.model?.checkpointId ?? null, rules.earlierCheckpointId];
  const rows = await db.$queryRaw<BreastRow[]>`
    WITH given AS (
      SELECT case_id, laterality, birads, count(*)::int AS readers, min(suspicion) AS least, max(suspicion) AS most
      FROM final_assessments WHERE reader_study_id = ${readerStudyId}::uuid
      GROUP BY case_id, laterality, birads
    ), spread AS (
      SELECT case_id, laterality, jsonb_object_agg(birads, readers) AS birads_counts,
        min(least) AS least, max(most) AS most
      FROM given GROUP BY case_id, laterality
    ), imaged AS (
      SELECT i.case_id, i.laterality, max(p.score) FILTER (WHERE p.checkpoint_id = ${checkpointId}::uuid) AS score,
        max(p.score) FILTER (WHERE p.checkpoint_id = ${earlierId}::uuid) AS earlier_score
      FROM instances i
      LEFT JOIN predictions p ON p.instance_id = i.id
        AND p.checkpoint_id IN (${checkpointId}::uuid, ${earlierId}::uuid)
      WHERE i.case_id IN (SELECT case_id FROM spread)
      GROUP BY i.case_id, i.laterality
    )
    SELECT c.id AS "caseId", c.site_id AS "siteId", c.label AS "caseLabel", s.laterality::text AS laterality,
      s.birads_counts AS "biradsCounts", s.least AS "leastSuspicion", s.most AS "mostSuspicion",
      r.id AS "standardId", r.reader_study_id IS NOT NULL AS "isConsensus", r.finding::text AS finding,
      v.score, v.earlier_score AS "earlierScore",
      c.id IN (${pendingCaseIds(viewerId ?? nobody)}) AS "isHidden"
    FROM spread s
    JOIN imaged v ON v.case_id = s.case_id AND v.laterality = s.laterality
    JOIN cases c ON c.id = s.case_id
    LEFT JOIN reference_standards r ON r.case_id = s.case_id AND r.laterality = s.laterality
      AND r.superseded_at IS NULL
    ORDER BY c.id, s.laterality = 'L'`;
  const dependent = await loadDependentIds(db, readerStudyId, rows);
  return rows.map(
    ({ biradsCounts, isConsensus: _is, leastSuspicion, mostSuspicion, standardId, ...row }) => ({
      ...row,
      finals: { biradsCounts: parseCounts(biradsCounts), leastSuspicion, mostSuspicion },
      isMalignant:
        row.finding === null || standardId === null || dependent.has(standardId)
          ? null
          : row.finding === "malignant",
    }),
  );
}

function parseCounts(stored: unknown): Map<Birads, number> {
  const counts = biradsCountsSchema.parse(stored);
  return new Map(
    biradsSchema.options.flatMap((birads) => {
      const count = counts[birads];
      return count === undefined ? [] : [[birads, count] as const];
    }),
  );
}

/** Standards that readers of the study had a part in; only a consensus can be one. */
async function loadDependentIds(
  db: Database | Transaction,
  readerStudyId: string,
  rows: readonly Pick<BreastRow, "isConsensus" | "standardId">[],
): Promise<Set<string>> {
  const consensusIds = rows.flatMap(({ isConsensus, standardId }) =>
    isConsensus && standardId !== null ? [standardId] : [],
  );
  if (consensusIds.length === 0) return new Set();
  const independent = await db.referenceStandard.findMany({
    where: { id: { in: consensusIds }, ...whereIndependentOf(readerStudyId) },
    select: { id: true },
  });
  const dependent = new Set(consensusIds);
  for (const { id } of independent) dependent.delete(id);
  return dependent;
}
