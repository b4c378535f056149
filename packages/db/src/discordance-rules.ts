import type { Laterality } from "@crossread/contracts/dataset-manifest";
import {
  isRecall,
  type DiscordanceKind,
  type DiscordanceRules,
  type DiscordanceThresholds,
} from "@crossread/contracts/discordance";
import type { Birads } from "@crossread/contracts/reading";

/** What the readers of a breast finally said, together: all that the rules ask, however many readers there are. */
export interface FinalSpread {
  /** How many readers gave each category, of those that somebody gave. */
  readonly biradsCounts: ReadonlyMap<Birads, number>;
  readonly leastSuspicion: number;
  readonly mostSuspicion: number;
}

export function spreadOf(
  finals: readonly { readonly birads: Birads; readonly suspicion: number }[],
): FinalSpread {
  const biradsCounts = new Map<Birads, number>();
  for (const { birads } of finals) biradsCounts.set(birads, (biradsCounts.get(birads) ?? 0) + 1);
  const suspicions = finals.map(({ suspicion }) => suspicion);
  return {
    biradsCounts,
    leastSuspicion: Math.min(...suspicions),
    mostSuspicion: Math.max(...suspicions),
  };
}

export interface JudgedBreast {
  readonly caseId: string;
  readonly laterality: Laterality;
  readonly finals: FinalSpread;
  /** By the reference standard in force; null where nobody knows or where readers of this very study made it. */
  readonly isMalignant: boolean | null;
  /** Highest score of the breast's views, as evaluations have it; null where none was scored. */
  readonly score: number | null;
  readonly earlierScore: number | null;
}

export interface FoundDiscordance {
  readonly kind: DiscordanceKind;
  /** What was compared and how far apart it was; names nobody. */
  readonly statement: string;
}

/** 0 and 6 have no place on the scale of suspicion: they differ from others by recall only. */
const suspicionScale: readonly Birads[] = ["1", "2", "3", "4A", "4B", "4C", "5"];

/** Every discordance of one breast, at most one of a kind, in a fixed order of kinds. */
export function discordancesOf(breast: JudgedBreast, rules: DiscordanceRules): FoundDiscordance[] {
  const found: Record<DiscordanceKind, string | null> = {
    "reader-reader": betweenReaders(breast.finals, rules.thresholds),
    "reader-reference": againstReference(breast),
    "reader-ai": againstModel(breast, rules),
    "ai-changed": betweenCheckpoints(breast, rules),
  };
  return (Object.entries(found) as [DiscordanceKind, string | null][]).flatMap(([kind, statement]) =>
    statement !== null && rules.kinds.includes(kind) ? [{ kind, statement }] : [],
  );
}

function betweenReaders(finals: FinalSpread, thresholds: DiscordanceThresholds): string | null {
  const [readers, recalls] = [countReaders(finals), countReaders(finals, isRecall)];
  if (readers < 2) return null;
  const places = [...finals.biradsCounts.keys()]
    .map((birads) => suspicionScale.indexOf(birads))
    .filter((place) => place >= 0);
  const [lowest, highest] = [Math.min(...places), Math.max(...places)];
  const { leastSuspicion: least, mostSuspicion: most } = finals;
  const { biradsSteps, suspicionPoints } = thresholds;
  const said = [
    ...(recalls > 0 && recalls < readers ? [`${recalls} of ${readers} readers call back`] : []),
    ...(biradsSteps !== null && places.length > 1 && highest - lowest >= biradsSteps
      ? [`BI-RADS ${suspicionScale[lowest]} to ${suspicionScale[highest]}`]
      : []),
    ...(suspicionPoints !== null && most - least >= suspicionPoints ? [`suspicion ${least} to ${most}`] : []),
  ];
  return said.length === 0 ? null : said.join(", ");
}

function countReaders(finals: FinalSpread, isCounted: (birads: Birads) => boolean = () => true): number {
  let count = 0;
  for (const [birads, readers] of finals.biradsCounts) if (isCounted(birads)) count += readers;
  return count;
}

function againstReference({ finals, isMalignant }: JudgedBreast): string | null {
  if (isMalignant === null) return null;
  const wrong = countReaders(finals, (birads) => isRecall(birads) !== isMalignant);
  if (wrong === 0) return null;
  const share = `${wrong} of ${countReaders(finals)}`;
  return isMalignant
    ? `${share} do not call back a malignant breast`
    : `${share} call back a breast that is not malignant`;
}

function againstModel({ finals, score }: JudgedBreast, { model }: DiscordanceRules): string | null {
  if (model === null || score === null) return null;
  const isCalled = score >= model.threshold;
  const others = countReaders(finals, (birads) => isRecall(birads) !== isCalled);
  if (others === 0) return null;
  return `Score ${score.toFixed(2)} is ${isCalled ? "at or above" : "below"} ${model.threshold.toFixed(2)}, ${others} of ${countReaders(finals)} ${isCalled ? "do not call back" : "call back"}`;
}

function betweenCheckpoints(
  { score, earlierScore }: JudgedBreast,
  { model }: DiscordanceRules,
): string | null {
  if (model === null || score === null || earlierScore === null) return null;
  const { threshold } = model;
  if (score >= threshold === earlierScore >= threshold) return null;
  return `Score ${earlierScore.toFixed(2)} became ${score.toFixed(2)}, across ${threshold.toFixed(2)}`;
}

/**
 * What readers who agree have found of a breast: undefined where they do not, or where readers alone cannot tell it
 * (0, 3 and 6; a single reader agrees with nobody).
 */
export function unanimousFinding(finals: FinalSpread): "normal" | "benign" | "malignant" | undefined {
  if (countReaders(finals) < 2) return undefined;
  const findings = new Set([...finals.biradsCounts.keys()].map(consensusFinding));
  if (findings.size === 1) return [...findings][0] ?? undefined;
  return findings.size === 2 && findings.has("normal") && findings.has("benign") ? "benign" : undefined;
}

/** The finding that a BI-RADS category of a consensus stands for; null where readers alone cannot tell. */
export function consensusFinding(birads: Birads): "normal" | "benign" | "malignant" | null {
  if (birads === "1") return "normal";
  if (birads === "2") return "benign";
  return birads.startsWith("4") || birads === "5" ? "malignant" : null;
}
