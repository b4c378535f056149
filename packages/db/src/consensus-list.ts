import type { BreastLabel } from "@crossread/contracts/breast-label";
import type { Finding, Laterality } from "@crossread/contracts/dataset-manifest";
import { DomainError } from "@crossread/contracts/errors";
import type { Birads } from "@crossread/contracts/reading";
import type { Database } from "./database.ts";
import { loadStudyBreasts, type StudyBreast } from "./discordance-breasts.ts";
import { consensusFinding, unanimousFinding } from "./discordance-rules.ts";
import { loadLabelStates } from "./label-state.ts";
import { finalsOf, loadReaderAssessments } from "./reader-assessments.ts";

export interface ConsensusQuery {
  readonly readerStudyId: string;
  readonly viewerId: string;
  readonly basis: "arbitration" | "unanimous";
  readonly offset: number;
  readonly pageSize: number;
}

/** A breast that readers have settled, with what is in force of it. */
export interface SettledBreast {
  readonly caseId: string;
  readonly caseLabel: string;
  readonly siteId: string;
  readonly laterality: Laterality;
  readonly finals: readonly {
    readonly readerName: string;
    readonly birads: Birads;
    readonly suspicion: number;
  }[];
  readonly decision: { readonly birads: Birads; readonly arbitratorName: string; readonly at: Date } | null;
  /** Null where the decision is none that readers alone can make. */
  readonly proposed: Finding | null;
  readonly label: BreastLabel;
}

/** Breasts decided by arbitration, or those without one whose readings are unanimous. */
export async function listSettledBreasts(
  db: Database,
  query: ConsensusQuery,
): Promise<{ totalCount: number; rows: SettledBreast[] }> {
  const { readerStudyId } = query;
  const study = await db.readerStudy.findUnique({
    where: { id: readerStudyId },
    select: { name: true, state: true },
  });
  if (study === null) throw new DomainError("not-found", `There is no reader study ${readerStudyId}.`);
  if (study.state !== "closed") {
    throw new DomainError(
      "conflict",
      `"${study.name}" is ${study.state}: its readings are shown once it is closed.`,
    );
  }
  const [breasts, arbitrations] = await Promise.all([
    loadStudyBreasts(db, query, { model: null, earlierCheckpointId: null }),
    loadDecisions(db, readerStudyId),
  ]);
  const settled = breasts.flatMap((breast): SettledRow[] => {
    if (breast.isHidden) return [];
    const arbitration = arbitrations.get(breast.caseId);
    if (query.basis === "unanimous") {
      const proposed = arbitration === undefined ? unanimousFinding(breast.finals) : undefined;
      return proposed === undefined ? [] : [{ breast, decision: null, proposed }];
    }
    const birads = arbitration?.birads[breast.laterality] ?? null;
    if (birads === null || arbitration === undefined || arbitration.at === null) return [];
    const { arbitratorName, at } = arbitration;
    return [{ breast, decision: { birads, arbitratorName, at }, proposed: consensusFinding(birads) }];
  });
  const page = settled.slice(query.offset, query.offset + query.pageSize);
  const caseIds = [...new Set(page.map(({ breast }) => breast.caseId))];
  const [states, assessments] = await Promise.all([
    loadLabelStates(db, caseIds),
    loadReaderAssessments(db, { readerStudyId, caseIds }),
  ]);
  return {
    totalCount: settled.length,
    rows: page.flatMap(({ breast, decision, proposed }): SettledBreast[] => {
      const { caseId, caseLabel, laterality, siteId } = breast;
      const label = states.get(caseId)?.labels.breasts[laterality];
      if (label === undefined) return [];
      const finals = finalsOf(assessments, breast).map(({ birads, readerName, suspicion }) => ({
        readerName,
        birads,
        suspicion,
      }));
      return [{ caseId, caseLabel, siteId, laterality, finals, decision, proposed, label }];
    }),
  };
}

interface SettledRow extends Pick<SettledBreast, "decision" | "proposed"> {
  readonly breast: StudyBreast;
}

interface CaseDecision {
  readonly arbitratorName: string;
  /** Null while it waits. */
  readonly at: Date | null;
  readonly birads: Readonly<Record<Laterality, Birads | null>>;
}

async function loadDecisions(db: Database, readerStudyId: string): Promise<Map<string, CaseDecision>> {
  const rows = await db.$queryRaw<
    { caseId: string; arbitratorName: string; at: Date | null; R: Birads | null; L: Birads | null }[]
  >`
    SELECT a.case_id AS "caseId", u.name AS "arbitratorName", a.decided_at AS at,
      d.answers->'breasts'->'R'->>'birads' AS "R", d.answers->'breasts'->'L'->>'birads' AS "L"
    FROM arbitration_queues q
    JOIN arbitrations a ON a.queue_id = q.id AND a.superseded_at IS NULL
    JOIN users u ON u.id = a.arbitrator_id
    LEFT JOIN arbitration_readings d ON d.arbitration_id = a.id AND d.step = 'decision' AND a.decided_at IS NOT NULL
    WHERE q.reader_study_id = ${readerStudyId}::uuid`;
  return new Map(
    rows.map(({ L, R, arbitratorName, at, caseId }) => [caseId, { arbitratorName, at, birads: { R, L } }]),
  );
}
