import { createHash } from "node:crypto";
import { DomainError } from "@crossread/contracts/errors";
import type { Split } from "@crossread/contracts/split";

export interface CohortMember {
  readonly siteId: string;
  readonly subjectId: string;
  readonly imageId: string;
  readonly sha256: string;
  readonly split: Split;
  readonly label: string;
}

/** sha256 over the sorted members: the same for any order, another one when a member, a pixel, a label or a split changes. */
export function cohortDigest(members: readonly CohortMember[]): string {
  const seen = new Set<string>();
  for (const { siteId, imageId } of members) {
    const key = JSON.stringify([siteId, imageId]);
    if (seen.has(key)) {
      throw new DomainError(
        "cohort-invalid",
        `A cohort holds an image once, but ${imageId} of ${siteId} is in it twice.`,
      );
    }
    seen.add(key);
  }
  const lines = members.map((member) =>
    JSON.stringify([
      member.siteId,
      member.subjectId,
      member.imageId,
      member.sha256,
      member.split,
      member.label,
    ]),
  );
  return createHash("sha256")
    .update(`${lines.sort().join("\n")}\n`)
    .digest("hex");
}
