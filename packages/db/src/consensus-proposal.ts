import type { Finding } from "@crossread/contracts/dataset-manifest";
import type { Birads } from "@crossread/contracts/reading";
import { consensusFinding, spreadOf, unanimousFinding } from "./discordance-rules.ts";
import type { ReaderAssessment } from "./reader-assessments.ts";

/** What readers say of a breast together, or why that is no reference standard. */
export type ConsensusProposal =
  | {
      readonly basis: "arbitration" | "unanimous";
      readonly birads: Birads;
      readonly finding: Finding;
      readonly readingIds: readonly string[];
    }
  | { readonly basis: null; readonly why: string };

export function proposeConsensus(
  finals: readonly ReaderAssessment[],
  decision: { readonly isPending: boolean; readonly birads: Birads | null },
): ConsensusProposal {
  const readingIds = finals.map(({ readingId }) => readingId);
  if (decision.isPending) return { basis: null, why: "The arbitration is not decided yet." };
  if (decision.birads !== null) {
    const finding = consensusFinding(decision.birads);
    return finding === null
      ? { basis: null, why: `BI-RADS ${decision.birads} decides nothing: readers alone cannot tell.` }
      : { basis: "arbitration", birads: decision.birads, finding, readingIds };
  }
  const finding = unanimousFinding(spreadOf(finals));
  if (finding === undefined) {
    return {
      basis: null,
      why:
        finals.length < 2
          ? "One reading alone is no consensus."
          : "The readings are not unanimous, or say what readers alone cannot tell.",
    };
  }
  const [highest] = finals.map(({ birads }) => birads).toSorted((a, b) => (a < b ? 1 : -1));
  return highest === undefined
    ? { basis: null, why: "Nobody read this breast." }
    : { basis: "unanimous", birads: highest, finding, readingIds };
}
