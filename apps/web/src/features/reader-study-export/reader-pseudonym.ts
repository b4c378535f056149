import { createHash } from "node:crypto";

/** What stands for a reader outside of the platform: the same within a study, another one in every study. */
export function readerPseudonym(readerStudyId: string, readerId: string): string {
  const digest = createHash("sha256").update(`reader\u001f${readerStudyId}\u001f${readerId}`).digest("hex");
  return `RD-${digest.slice(0, 12).toUpperCase()}`;
}
