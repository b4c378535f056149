import { createHash } from "node:crypto";
import type { Split } from "@crossread/contracts/split";

export interface DigestedCase {
  readonly siteCode: string;
  readonly pseudonym: string;
  readonly studyInstanceUid: string;
  readonly split: Split;
}

/** sha256 over the sorted membership, by names that do not depend on this database. */
export function cohortDigest(cases: readonly DigestedCase[]): string {
  const lines = cases.map((one) => [one.siteCode, one.pseudonym, one.studyInstanceUid, one.split].join("\t"));
  return createHash("sha256").update(lines.toSorted().join("\n")).digest("hex");
}
