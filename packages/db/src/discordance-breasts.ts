import type { Finding, Laterality } from "@crossread/contracts/dataset-manifest";
import type { DiscordanceRules } from "@crossread/contracts/discordance";
import type { Birads, Condition } from "@crossread/contracts/reading";
import { whereIndependentOf } from "./consensus-provenance.ts";
import type { Database, Transaction } from "./database.ts";
import type { FinalAssessment, JudgedBreast } from "./discordance-rules.ts";

export interface ReaderAssessment extends FinalAssessment {
  readonly readingId: string;
  readonly readerName: string;
  readonly condition: Condition;
}

/** A breast with images of a case that somebody read in the study. */
export interface StudyBreast extends JudgedBreast {
  readonly finals: readonly ReaderAssessment[];
  readonly siteId: string;
  readonly caseLabel: string;
  /** Locked readings of every condition, by reader. */
  readonly readings: readonly ReaderAssessment[];
  /** In force now, whoever made it. */
  readonly finding: Finding | null;
}

interface Study {
  readonly readerStudyId: string;
  readonly caseIds?: readonly string[];
}

/** Every breast that locked readings of the study speak of, in the order of cases, right before left. */
export async function loadStudyBreasts(
  db: Database | Transaction,
  study: Study,
  rules: Pick<DiscordanceRules, "model" | "earlierCheckpointId">,
): Promise<StudyBreast[]> {
  const { readerStudyId } = study;
  const readings = await loadAssessments(db, study);
  const caseIds = [...new Set(readings.map(({ caseId }) => caseId))];
  const readingsOf = groupBy(readings, ({ caseId, laterality }) => `${caseId} ${laterality}`);
  const [cases, independent, scores, earlierScores] = await Promise.all([
    db.case.findMany({
      where: { id: { in: caseIds } },
      orderBy: { id: "asc" },
      select: {
        id: true,
        siteId: true,
        label: true,
        instances: { select: { laterality: true } },
        referenceStandards: {
          where: { supersededAt: null },
          select: { id: true, laterality: true, finding: true },
        },
      },
    }),
    db.referenceStandard.findMany({
      where: { caseId: { in: caseIds }, supersededAt: null, ...whereIndependentOf(readerStudyId) },
      select: { id: true },
    }),
    loadScores(db, caseIds, rules.model?.checkpointId ?? null),
    loadScores(db, caseIds, rules.earlierCheckpointId),
  ]);
  const independentIds = new Set(independent.map(({ id }) => id));
  return cases.flatMap((row) =>
    (["R", "L"] as const)
      .filter((laterality) => row.instances.some((instance) => instance.laterality === laterality))
      .map((laterality): StudyBreast => {
        const key = `${row.id} ${laterality}`;
        const ofBreast = (readingsOf.get(key) ?? []).map(
          ({ caseId: _case, laterality: _side, ...reading }) => reading,
        );
        const reference = row.referenceStandards.find((each) => each.laterality === laterality);
        return {
          caseId: row.id,
          siteId: row.siteId,
          caseLabel: row.label,
          laterality,
          readings: ofBreast,
          finals: toFinals(ofBreast),
          finding: reference?.finding ?? null,
          isMalignant:
            reference === undefined || !independentIds.has(reference.id)
              ? null
              : reference.finding === "malignant",
          score: scores.get(key) ?? null,
          earlierScore: earlierScores.get(key) ?? null,
        };
      }),
  );
}

function groupBy<TItem>(items: readonly TItem[], keyOf: (item: TItem) => string): Map<string, TItem[]> {
  const groups = new Map<string, TItem[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group === undefined) groups.set(keyOf(item), [item]);
    else group.push(item);
  }
  return groups;
}

/** One a reader: with the aid where there was one. */
function toFinals(readings: readonly ReaderAssessment[]): ReaderAssessment[] {
  return [...groupBy(readings, ({ readerId }) => readerId).values()].flatMap((own) => {
    const last = own.find(({ condition }) => condition === "aided") ?? own[0];
    return last === undefined ? [] : [last];
  });
}

async function loadAssessments(
  db: Database | Transaction,
  { readerStudyId, caseIds }: Study,
): Promise<(ReaderAssessment & { caseId: string; laterality: Laterality })[]> {
  const rows = await db.$queryRaw<
    {
      readingId: string;
      readerId: string;
      readerName: string;
      caseId: string;
      laterality: Laterality;
      condition: Condition;
      birads: Birads | null;
      suspicion: number | null;
    }[]
  >`
    SELECT r.id AS "readingId", a.reader_id AS "readerId", u.name AS "readerName", a.case_id AS "caseId",
      breast.key AS laterality, r.condition::text AS condition, breast.value->>'birads' AS birads,
      (breast.value->>'suspicion')::float8 AS suspicion
    FROM reading_assignments a
    JOIN users u ON u.id = a.reader_id
    JOIN readings r ON r.assignment_id = a.id AND r.locked_at IS NOT NULL
    CROSS JOIN LATERAL jsonb_each(r.answers->'breasts') AS breast
    WHERE a.reader_study_id = ${readerStudyId}::uuid
      AND (${caseIds === undefined} OR a.case_id = ANY (${[...(caseIds ?? [])]}::uuid[]))
    ORDER BY a.reader_id, r.locked_at`;
  return rows.flatMap(({ birads, suspicion, ...row }) =>
    birads === null || suspicion === null ? [] : [{ ...row, birads, suspicion }],
  );
}

async function loadScores(
  db: Database | Transaction,
  caseIds: readonly string[],
  checkpointId: string | null,
): Promise<Map<string, number>> {
  if (checkpointId === null) return new Map();
  const rows = await db.$queryRaw<{ caseId: string; laterality: Laterality; score: number }[]>`
    SELECT i.case_id AS "caseId", i.laterality::text AS laterality, max(p.score) AS score
    FROM instances i JOIN predictions p ON p.instance_id = i.id AND p.checkpoint_id = ${checkpointId}::uuid
    WHERE i.case_id = ANY (${[...caseIds]}::uuid[])
    GROUP BY i.case_id, i.laterality`;
  return new Map(rows.map(({ caseId, laterality, score }) => [`${caseId} ${laterality}`, score]));
}
