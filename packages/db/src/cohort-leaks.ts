import { copyTransformSchema, type CopyTransform } from "@crossread/contracts/copy-transform";
import type { Laterality, View } from "@crossread/contracts/dataset-manifest";
import { DomainError } from "@crossread/contracts/errors";
import type { Split } from "@crossread/contracts/split";
import { z } from "zod";
import type { Database, Transaction } from "./database.ts";
import { isOneWoman, loadSubjectGroups } from "./subject-groups.ts";

export interface LeakSide {
  readonly instanceId: string;
  readonly caseId: string;
  readonly caseLabel: string;
  readonly studyId: string;
  readonly subjectId: string;
  readonly pseudonym: string;
  readonly siteId: string;
  readonly split: Split;
  readonly laterality: Laterality;
  readonly view: View;
  readonly widthPx: number;
  readonly heightPx: number;
}

/** Two images of different subjects of a cohort that show one image. */
export interface CohortLeak {
  readonly pairId: string;
  readonly kind: "exact" | "near";
  readonly score: number;
  readonly transform: CopyTransform;
  readonly crosses: "splits" | "sites" | "splits-and-sites" | "patients";
  /** What was decided; the decision's or the link's row. */
  readonly decision: {
    readonly id: string;
    readonly verdict: "no-leak" | "one-woman";
    readonly reason: string;
    readonly decidedAt: Date;
  } | null;
  /** Training and publishing are refused because of it. */
  readonly isBlocking: boolean;
  readonly first: LeakSide;
  readonly second: LeakSide;
}

interface PairRow {
  pairId: string;
  kind: "exact" | "near";
  score: number;
  transform: unknown;
  decisionId: string | null;
  decisionReason: string | null;
  decidedAt: Date | null;
  first: unknown;
  second: unknown;
}

/** Every known pair of the cohort, those that block it first. */
export async function listCohortLeaks(db: Database | Transaction, cohortId: string): Promise<CohortLeak[]> {
  const rows = await db.$queryRaw<PairRow[]>`
    WITH member AS (
      SELECT i.id, c.subject_id, json_build_object(
        'instanceId', i.id, 'caseId', c.case_id, 'caseLabel', k.label, 'studyId', k.study_id,
        'subjectId', c.subject_id, 'pseudonym', s.pseudonym, 'siteId', k.site_id, 'split', c.split::text,
        'laterality', i.laterality, 'view', i.view, 'widthPx', i.columns, 'heightPx', i.rows) AS side
      FROM cohort_cases c
      JOIN cases k ON k.id = c.case_id
      JOIN subjects s ON s.id = c.subject_id
      JOIN instances i ON i.case_id = c.case_id
      WHERE c.cohort_id = ${cohortId}::uuid)
    SELECT p.id AS "pairId", p.kind::text AS kind, p.score, p.transform,
      d.id AS "decisionId", d.reason AS "decisionReason", d.decided_at AS "decidedAt",
      a.side AS first, b.side AS second
    FROM image_pairs p
    JOIN member a ON a.id = p.first_instance_id
    JOIN member b ON b.id = p.second_instance_id AND b.subject_id <> a.subject_id
    LEFT JOIN pair_decisions d ON d.pair_id = p.id AND d.verdict = 'no-leak' AND d.undone_at IS NULL
    ORDER BY p.score DESC, p.id`;
  if (rows.length === 0) return [];
  const groups = await loadSubjectGroups(db);
  const links = await db.subjectLink.findMany({
    where: { undoneAt: null },
    select: { id: true, reason: true, linkedAt: true, firstSubjectId: true, secondSubjectId: true },
  });
  const linkOf = (a: string, b: string) =>
    links.find(
      (link) =>
        (link.firstSubjectId === a && link.secondSubjectId === b) ||
        (link.firstSubjectId === b && link.secondSubjectId === a),
    ) ?? links.find((link) => groups.get(link.firstSubjectId) === groups.get(a));
  return rows
    .map((row): CohortLeak => {
      const first = sideSchema.parse(row.first);
      const second = sideSchema.parse(row.second);
      const crosses = whatIsCrossed(first, second);
      const isLinked = isOneWoman(groups, first.subjectId, second.subjectId);
      const link = isLinked ? linkOf(first.subjectId, second.subjectId) : undefined;
      const decision =
        link !== undefined
          ? { id: link.id, verdict: "one-woman" as const, reason: link.reason, decidedAt: link.linkedAt }
          : row.decisionId !== null && row.decisionReason !== null && row.decidedAt !== null
            ? {
                id: row.decisionId,
                verdict: "no-leak" as const,
                reason: row.decisionReason,
                decidedAt: row.decidedAt,
              }
            : null;
      return {
        pairId: row.pairId,
        kind: row.kind,
        score: row.score,
        transform: copyTransformSchema.parse(row.transform),
        crosses,
        decision,
        isBlocking: blocks({ kind: row.kind, crosses, verdict: decision?.verdict, first, second }),
        first,
        second,
      };
    })
    .sort((a, b) => Number(b.isBlocking) - Number(a.isBlocking));
}

const sideSchema = z.strictObject({
  instanceId: z.uuid(),
  caseId: z.uuid(),
  caseLabel: z.string(),
  studyId: z.uuid(),
  subjectId: z.uuid(),
  pseudonym: z.string(),
  siteId: z.uuid(),
  split: z.enum(["train", "tuning", "internal-test", "external-test"]),
  laterality: z.enum(["L", "R"]),
  view: z.enum(["CC", "MLO"]),
  widthPx: z.int(),
  heightPx: z.int(),
});

function whatIsCrossed(a: LeakSide, b: LeakSide): CohortLeak["crosses"] {
  if (a.split !== b.split) return a.siteId === b.siteId ? "splits" : "splits-and-sites";
  return a.siteId === b.siteId ? "patients" : "sites";
}

/**
 * No leak: never. One woman: where she is in two splits. Undecided: across splits or sites, and always for the same
 * bytes, which count twice wherever they are.
 */
export function blocks(pair: {
  readonly kind: "exact" | "near";
  readonly crosses: CohortLeak["crosses"];
  readonly verdict: "no-leak" | "one-woman" | undefined;
  readonly first: { readonly split: Split };
  readonly second: { readonly split: Split };
}): boolean {
  if (pair.verdict === "no-leak") return false;
  if (pair.verdict === "one-woman") return pair.first.split !== pair.second.split;
  return pair.kind === "exact" || pair.crosses !== "patients";
}

export interface CohortCleanliness {
  readonly pairCount: number;
  /** Undecided pairs that training and publishing are refused for. */
  readonly blockingCount: number;
  /** Images that the guardian has still to compare. */
  readonly uncomparedCount: number;
  /** Women under several linked pseudonyms who are in more than one split: refused as well. */
  readonly splitWomenCount: number;
}

export async function loadCohortCleanliness(
  db: Database | Transaction,
  cohortId: string,
): Promise<CohortCleanliness> {
  const leaks = await listCohortLeaks(db, cohortId);
  const uncomparedCount = await db.instance.count({
    where: { comparedAt: null, case: { cohortCases: { some: { cohortId } } } },
  });
  const splitWomenCount = await countSplitWomen(db, cohortId);
  return {
    pairCount: leaks.length,
    blockingCount: leaks.filter(({ decision, isBlocking }) => isBlocking && decision === null).length,
    uncomparedCount,
    splitWomenCount,
  };
}

async function countSplitWomen(db: Database | Transaction, cohortId: string): Promise<number> {
  const groups = await loadSubjectGroups(db);
  if (groups.size === 0) return 0;
  const members = await db.cohortSubject.findMany({
    where: { cohortId, subjectId: { in: [...groups.keys()] } },
    select: { subjectId: true, split: true },
  });
  const splitsOf = new Map<string, Set<string>>();
  for (const { split, subjectId } of members) {
    const group = groups.get(subjectId) ?? subjectId;
    splitsOf.set(group, (splitsOf.get(group) ?? new Set()).add(split));
  }
  return [...splitsOf.values()].filter((splits) => splits.size > 1).length;
}

/** What training, freezing and publishing ask first. */
export async function assertCohortClean(
  db: Database | Transaction,
  cohort: { readonly cohortId: string; readonly name: string; readonly needsAllCompared: boolean },
): Promise<void> {
  const { blockingCount, splitWomenCount, uncomparedCount } = await loadCohortCleanliness(
    db,
    cohort.cohortId,
  );
  if (blockingCount > 0 || splitWomenCount > 0) {
    const found = [
      blockingCount === 0
        ? ""
        : `${blockingCount} ${blockingCount === 1 ? "pair" : "pairs"} of copied images`,
      splitWomenCount === 0
        ? ""
        : `${splitWomenCount} ${splitWomenCount === 1 ? "woman" : "women"} in two splits`,
    ].filter((text) => text !== "");
    throw new DomainError(
      "cohort-contaminated",
      `Cohort "${cohort.name}" has ${found.join(" and ")}: its results would be too good. Its page shows the pairs and what can be done.`,
      { details: { cohortId: cohort.cohortId, blockingCount, splitWomenCount } },
    );
  }
  if (cohort.needsAllCompared && uncomparedCount > 0) {
    throw new DomainError(
      "conflict",
      `${uncomparedCount} images of cohort "${cohort.name}" have not been compared for copies yet. It happens by itself; try again in a minute.`,
    );
  }
}
