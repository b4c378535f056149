import { labelProblems, type CaseLabels } from "@crossread/contracts/breast-label";
import { DomainError } from "@crossread/contracts/errors";
import { appendAudit } from "./audit.ts";
import { whereNotPendingFor } from "./blinding.ts";
import type { Database, Transaction } from "./database.ts";
import { listFrozenCohortsWith, recordChangesAfterFreeze } from "./frozen-cohorts.ts";
import type { ImageViewer } from "./image-access.ts";
import { loadLabelStates } from "./label-state.ts";
import { labelDifferences, lateralities, writeLabelChanges, type ConsensusSource } from "./label-writes.ts";
import { whereSite } from "./site-scope.ts";

export interface LabelChangeRequest {
  readonly viewer: ImageViewer;
  readonly caseId: string;
  /** The version that the form was made from. */
  readonly version: number;
  readonly labels: CaseLabels;
  readonly reason: string;
  /** The caller knows that a frozen cohort holds the case. */
  readonly acknowledgesFrozen: boolean;
  readonly now: Date;
  readonly consensus?: ConsensusSource;
}

/** Puts the labels of one case in force; what they replace stays, superseded, with the reason here and in the audit log. */
export const changeLabels = (db: Database, request: LabelChangeRequest): Promise<{ version: number }> =>
  db.$transaction((tx) => changeLabelsWithin(tx, request));

/** The same inside of a transaction that has more to write. */
export async function changeLabelsWithin(
  tx: Transaction,
  request: LabelChangeRequest,
): Promise<{ version: number }> {
  const { viewer, caseId, labels, reason } = request;
  if (reason.trim() === "") {
    throw new DomainError("usage", "A change of the reference standard needs a reason, but none was given.");
  }
  // One change of a case at a time.
  await tx.$queryRaw`SELECT 1 FROM cases WHERE id = ${caseId}::uuid FOR NO KEY UPDATE`;
  const visible = await tx.case.count({
    where: { id: caseId, siteId: whereSite(viewer.scope), ...whereNotPendingFor(viewer.userId) },
  });
  const state = visible === 0 ? undefined : (await loadLabelStates(tx, [caseId])).get(caseId);
  if (state === undefined) throw new DomainError("not-found", `There is no case ${caseId}.`);
  if (state.version !== request.version) {
    throw new DomainError(
      "conflict",
      "Somebody else changed the labels of this case while you were editing. Nothing was stored; what you entered is still here.",
    );
  }
  const change = { state, next: labels };
  const differences = labelDifferences(change);
  if (Object.keys(differences).length === 0) return { version: state.version };
  for (const laterality of lateralities) {
    if (!(laterality in differences)) continue;
    const broken = labelProblems(labels.breasts[laterality]).find(({ severity }) => severity === "error");
    if (broken !== undefined) {
      throw new DomainError("label-invalid", `${laterality === "R" ? "Right" : "Left"}: ${broken.message}`);
    }
  }
  const cohorts = await listFrozenCohortsWith(tx, [caseId]);
  if (cohorts.length > 0 && !request.acknowledgesFrozen) {
    throw new DomainError(
      "conflict",
      `Frozen cohort "${cohorts[0]?.name ?? ""}" holds this case: confirm that its labels change under it.`,
    );
  }
  await writeLabelChanges(tx, [change], {
    actorId: viewer.userId,
    at: request.now,
    reason,
    importId: null,
    ...(request.consensus === undefined ? {} : { consensus: request.consensus }),
  });
  await recordChangesAfterFreeze(tx, {
    actorId: viewer.userId,
    siteId: state.siteId,
    reason,
    cohorts,
    causeKind: "case",
    causeId: caseId,
  });
  await appendAudit(tx, {
    actorId: viewer.userId,
    siteId: state.siteId,
    action: "reference.change",
    entityKind: "case",
    entityId: caseId,
    reason,
    details: { ...differences, frozenCohorts: cohorts.map(({ digest }) => digest) },
  });
  return { version: state.version + 1 };
}
