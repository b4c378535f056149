import type { Finding, Laterality } from "@crossread/contracts/dataset-manifest";
import { DomainError } from "@crossread/contracts/errors";
import { appendAudit } from "./audit.ts";
import { whereNotPendingFor } from "./blinding.ts";
import type { Database } from "./database.ts";
import type { ReferenceSource as ReferenceSourceRow } from "./generated/enums.ts";
import type { ImageViewer } from "./image-access.ts";
import { whereSite } from "./site-scope.ts";

export const referenceSources = ["pathology", "follow-up", "reader-consensus", "data-set"] as const;
export type ReferenceSource = (typeof referenceSources)[number];

const sourceRows = {
  pathology: "pathology",
  "follow-up": "follow_up",
  "reader-consensus": "reader_consensus",
  "data-set": "data_set",
} as const satisfies Record<ReferenceSource, ReferenceSourceRow>;

export const fromReferenceSourceRow = (row: ReferenceSourceRow): ReferenceSource => {
  switch (row) {
    case "follow_up":
      return "follow-up";
    case "reader_consensus":
      return "reader-consensus";
    case "data_set":
      return "data-set";
    case "pathology":
      return row;
  }
};

export interface ReferenceChange {
  readonly viewer: ImageViewer;
  readonly caseId: string;
  readonly laterality: Laterality;
  readonly finding: Finding;
  readonly source: ReferenceSource;
  readonly reason: string;
  readonly now: Date;
}

/** Puts a new reference standard of one breast in force; the former one stays, superseded, with the reason in the audit log. */
export async function changeReferenceStandard(db: Database, change: ReferenceChange): Promise<void> {
  if (change.reason.trim() === "") {
    throw new DomainError("usage", "A change of the reference standard needs a reason, but none was given.");
  }
  await db.$transaction(async (tx) => {
    const readCase = await tx.case.findFirst({
      where: {
        id: change.caseId,
        siteId: whereSite(change.viewer.scope),
        ...whereNotPendingFor(change.viewer.userId),
      },
      select: { id: true, siteId: true },
    });
    if (readCase === null) throw new DomainError("not-found", `There is no case ${change.caseId}.`);
    const breast = { caseId: readCase.id, laterality: change.laterality };
    const former = await tx.referenceStandard.findFirst({
      where: { ...breast, supersededAt: null },
      select: { id: true, finding: true, source: true },
    });
    if (former !== null) {
      await tx.referenceStandard.update({
        where: { id: former.id },
        data: { supersededAt: change.now },
      });
    }
    await tx.referenceStandard.create({
      data: {
        ...breast,
        finding: change.finding,
        source: sourceRows[change.source],
        reason: change.reason,
        createdBy: change.viewer.userId,
        createdAt: change.now,
      },
    });
    await appendAudit(tx, {
      actorId: change.viewer.userId,
      siteId: readCase.siteId,
      action: "reference.change",
      entityKind: "case",
      entityId: readCase.id,
      reason: change.reason,
      details: {
        laterality: change.laterality,
        from:
          former === null ? null : { finding: former.finding, source: fromReferenceSourceRow(former.source) },
        to: { finding: change.finding, source: change.source },
      },
    });
  });
}
