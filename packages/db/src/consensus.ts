import { allowedFindings, consensusWarning } from "@crossread/contracts/arbitration";
import type { CaseLabels } from "@crossread/contracts/breast-label";
import type { Finding, Laterality } from "@crossread/contracts/dataset-manifest";
import { DomainError } from "@crossread/contracts/errors";
import { appendAudit } from "./audit.ts";
import { loadCaseRecord, type ArbitrationRecord } from "./arbitration-record.ts";
import type { Database } from "./database.ts";
import type { ImageViewer } from "./image-access.ts";
import { changeLabelsWithin } from "./reference-standards.ts";
import { loadLabelStates } from "./label-state.ts";

export interface ConsensusRequest {
  readonly viewer: ImageViewer;
  readonly readerStudyId: string;
  readonly caseId: string;
  readonly laterality: Laterality;
  readonly finding: Finding;
  readonly reason: string;
  /** Version of the labels that the page showed. */
  readonly version: number;
  readonly acknowledgesFrozen: boolean;
  readonly now: Date;
}

/** Puts what readers decided in force as the reference standard of one breast, with the readings it was made from. */
export async function applyConsensus(db: Database, request: ConsensusRequest): Promise<{ version: number }> {
  const { caseId, finding, laterality, readerStudyId, viewer } = request;
  return db.$transaction(async (tx) => {
    const record = await loadCaseRecord(tx, { readerStudyId, caseId, viewerId: viewer.userId });
    const proposal = record.breasts.find((breast) => breast.laterality === laterality)?.proposal;
    if (proposal === undefined) {
      throw new DomainError("not-found", `Case ${caseId} has no image of breast ${laterality}.`);
    }
    if (proposal.basis === null) throw new DomainError("conflict", proposal.why);
    if (!allowedFindings(proposal.finding).includes(finding)) {
      throw new DomainError(
        "label-invalid",
        `BI-RADS ${proposal.birads} of the consensus does not stand for ${finding}.`,
      );
    }
    const state = (await loadLabelStates(tx, [caseId])).get(caseId);
    if (state === undefined) throw new DomainError("not-found", `There is no case ${caseId}.`);
    const current = state.labels.breasts[laterality];
    if (current.source === "pathology") {
      throw new DomainError(
        "conflict",
        "The reference standard in force is pathology, which a consensus of readers does not replace.",
      );
    }
    if (current.source === "reader-consensus" && current.finding === finding) {
      throw new DomainError("conflict", "A reader consensus in force says this already.");
    }
    const labels: CaseLabels = {
      ...state.labels,
      breasts: {
        ...state.labels.breasts,
        [laterality]: {
          finding,
          source: "reader-consensus",
          followUpMonths: null,
          birads: proposal.birads,
          isIntervalCancer: false,
        },
      },
    };
    const arbitrationId = proposal.basis === "arbitration" ? arbitrationIdOf(record) : null;
    const changed = await changeLabelsWithin(tx, {
      viewer,
      caseId,
      version: request.version,
      labels,
      reason: request.reason,
      acknowledgesFrozen: request.acknowledgesFrozen,
      now: request.now,
      consensus: { readerStudyId, arbitrationId },
    });
    const standard = await tx.referenceStandard.findFirstOrThrow({
      where: { caseId, laterality, supersededAt: null },
      select: { id: true },
    });
    await tx.consensusReading.createMany({
      data: proposal.readingIds.map((readingId) => ({ referenceStandardId: standard.id, readingId })),
    });
    await appendAudit(tx, {
      actorId: viewer.userId,
      siteId: state.siteId,
      action: "consensus.apply",
      entityKind: "case",
      entityId: caseId,
      reason: request.reason,
      details: {
        laterality,
        finding,
        birads: proposal.birads,
        basis: proposal.basis,
        readerStudyId,
        arbitrationId,
        readingIds: proposal.readingIds,
        warning: consensusWarning,
      },
    });
    return changed;
  });
}

const arbitrationIdOf = (record: ArbitrationRecord): string | null =>
  record.arbitration?.arbitrationId ?? null;
