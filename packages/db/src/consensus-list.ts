import type { BreastLabel } from "@crossread/contracts/breast-label";
import type { Finding, Laterality } from "@crossread/contracts/dataset-manifest";
import { DomainError } from "@crossread/contracts/errors";
import { readingAnswersSchema, type Birads } from "@crossread/contracts/reading";
import { whereNotPendingFor } from "./blinding.ts";
import { proposeConsensus } from "./consensus-proposal.ts";
import type { Database } from "./database.ts";
import { loadStudyBreasts } from "./discordance-breasts.ts";
import { loadLabelStates } from "./label-state.ts";

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
  const [breasts, visible, arbitrations] = await Promise.all([
    loadStudyBreasts(db, { readerStudyId }, { model: null, earlierCheckpointId: null }),
    db.case.findMany({
      where: { AND: [{ assignments: { some: { readerStudyId } } }, whereNotPendingFor(query.viewerId)] },
      select: { id: true },
    }),
    db.arbitration.findMany({
      where: { queue: { readerStudyId } },
      select: {
        caseId: true,
        decidedAt: true,
        arbitrator: { select: { name: true } },
        readings: { where: { step: "decision" }, select: { answers: true } },
      },
    }),
  ]);
  const visibleIds = new Set(visible.map(({ id }) => id));
  const arbitrationOf = new Map(arbitrations.map((row) => [row.caseId, row]));
  const settled = breasts
    .filter(({ caseId }) => visibleIds.has(caseId))
    .flatMap((breast): Omit<SettledBreast, "label">[] => {
      const arbitration = arbitrationOf.get(breast.caseId);
      const decidedAt = arbitration?.decidedAt ?? null;
      const answers = decidedAt === null ? undefined : arbitration?.readings[0]?.answers;
      const birads =
        answers === undefined ? null : readingAnswersSchema.parse(answers).breasts[breast.laterality].birads;
      const proposal = proposeConsensus(breast.finals, {
        isPending: arbitration !== undefined && decidedAt === null,
        birads,
      });
      const isListed = query.basis === "arbitration" ? birads !== null : proposal.basis === "unanimous";
      if (!isListed) return [];
      return [
        {
          caseId: breast.caseId,
          caseLabel: breast.caseLabel,
          siteId: breast.siteId,
          laterality: breast.laterality,
          finals: breast.finals.map(({ readerName, birads: said, suspicion }) => ({
            readerName,
            birads: said,
            suspicion,
          })),
          decision:
            birads === null || arbitration === undefined || decidedAt === null
              ? null
              : { birads, arbitratorName: arbitration.arbitrator.name, at: decidedAt },
          proposed: proposal.basis === null ? null : proposal.finding,
        },
      ];
    });
  const page = settled.slice(query.offset, query.offset + query.pageSize);
  const states = await loadLabelStates(
    db,
    page.map(({ caseId }) => caseId),
  );
  return {
    totalCount: settled.length,
    rows: page.flatMap((row) => {
      const label = states.get(row.caseId)?.labels.breasts[row.laterality];
      return label === undefined ? [] : [{ ...row, label }];
    }),
  };
}
