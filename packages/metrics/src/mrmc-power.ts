/** Power and size of a planned reader study of two conditions, analysed by Obuchowski and Rockette's method. */
import { defaultConfidence } from "./estimate.ts";
import { fUpperQuantile, noncentralFUpperTail } from "./f-distribution.ts";
import { assertOpenUnitInterval } from "./input-assertions.ts";
import { MetricInputError } from "./metric-input-error.ts";
import { normalCdf, normalQuantile } from "./normal-distribution.ts";
import type { OrVarianceComponents } from "./or-components.ts";

/** What the result is to speak for. */
export type Generalisation = "readers-and-cases" | "cases" | "readers";

export interface PlannedStudy {
  /** From a pilot study (`obuchowskiRockette`) or conjectured (`conjecturedComponents`). */
  readonly components: Pick<OrVarianceComponents, "conditionReader" | "error" | "cov1" | "cov2" | "cov3">;
  /** Cases that the components belong to, with the same share of malignant cases as planned. */
  readonly pilotCaseCount: number;
  /** Difference of the two conditions' figures of merit that is to be found. */
  readonly effect: number;
  readonly generalisation: Generalisation;
  /** Significance level, default 0.05, two-sided. */
  readonly level?: number;
}

export interface StudyPower {
  readonly power: number;
  /** Δ, of the noncentral F or χ². */
  readonly noncentrality: number;
  /** Infinity for χ². */
  readonly denominatorDf: number;
}

/**
 * Power of a fully crossed study of two conditions.
 *
 * With s = pilot cases / planned cases and D = max(Cov2 − Cov3, 0):
 * readers-and-cases: M = Var(T·R) + s(Var(ε) − Cov1 + (r−1)D), ddf = M²(r−1)/(Var(T·R) + s(Var(ε) − Cov1 − D))²;
 * cases: M = s(Var(ε) − Cov1 + (r−1)D), χ²; readers: M = Var(T·R) + s(Var(ε) − Cov1 − D), ddf = r − 1;
 * Δ = r·effect²/(2M);  negative Var(T·R) counts as 0
 *
 * @param size - readers r ≥ 2 and cases c ≥ 2 of the planned study
 * @throws {MetricInputError} "out-of-range"; "too-few-readers", "too-few-cases"; "zero-variance" if M is not above 0
 * @remarks Components from a small pilot study are themselves uncertain: plan for a range of them.
 * @source Hillis, Obuchowski & Berbaum, Acad Radiol 18:129 (2011); Hillis & Schartz, J Med Imaging 5:045503 (2018)
 * @golden golden/mrmc-power/cases.json (RJafroc's published table for the Van Dyke study; scipy)
 */
export function studyPower(
  plan: PlannedStudy,
  size: { readonly readerCount: number; readonly caseCount: number },
): StudyPower {
  const level = plan.level ?? 1 - defaultConfidence;
  assertOpenUnitInterval("The significance level", level);
  const { readerCount, caseCount } = size;
  assertCount(readerCount, "too-few-readers", "readers");
  assertCount(caseCount, "too-few-cases", "cases");
  if (!(plan.pilotCaseCount > 0) || !Number.isFinite(plan.effect) || plan.effect === 0) {
    throw new MetricInputError(
      "out-of-range",
      `A plan needs an effect other than 0 and pilot cases above 0, got ${plan.effect} and ${plan.pilotCaseCount}.`,
    );
  }
  const { error, cov1, cov2, cov3 } = plan.components;
  const scale = plan.pilotCaseCount / caseCount;
  const readerTerm = Math.max(0, plan.components.conditionReader);
  const shared = Math.max(0, cov2 - cov3);
  const caseTerm = scale * (error - cov1 + (readerCount - 1) * shared);
  // What MS(T·R) estimates
  const interaction = readerTerm + Math.max(0, scale * (error - cov1 - shared));
  const term = { "readers-and-cases": readerTerm + caseTerm, cases: caseTerm, readers: interaction }[
    plan.generalisation
  ];
  if (!(term > 0)) {
    throw new MetricInputError(
      "zero-variance",
      `The error term of the planned test is ${term}: no test exists.`,
    );
  }
  const noncentrality = (readerCount * plan.effect ** 2) / (2 * term);
  const denominatorDf =
    plan.generalisation === "cases" || interaction === 0
      ? Infinity
      : (term / interaction) ** 2 * (readerCount - 1);
  return { power: powerOf(noncentrality, denominatorDf, level), noncentrality, denominatorDf };
}

function assertCount(count: number, code: "too-few-readers" | "too-few-cases", noun: string): void {
  if (!Number.isInteger(count) || count < 2) {
    throw new MetricInputError(code, `A study needs at least 2 ${noun}, got ${count}.`);
  }
}

/** Chance that a two-sided test of one numerator degree of freedom rejects. */
export function powerOf(noncentrality: number, denominatorDf: number, level: number): number {
  // Noncentrality as large as this rejects for certain at any level in use.
  if (noncentrality > 1500) return 1;
  if (denominatorDf > 1e6) {
    const shift = Math.sqrt(noncentrality);
    const critical = normalQuantile(1 - level / 2);
    return normalCdf(shift - critical) + normalCdf(-shift - critical);
  }
  const critical = fUpperQuantile(level, 1, denominatorDf);
  return noncentralFUpperTail(critical, { numerator: 1, denominator: denominatorDf }, noncentrality);
}

/** More cases than this are no plan. */
const caseLimit = 100_000;
const readerLimit = 1_000;

/**
 * Fewest cases with which a number of readers reaches a power.
 *
 * @throws {MetricInputError} all of `studyPower`; "unreachable-power" if no number of cases up to 100,000 suffices: the
 *   readers' own variation, which cases do not reduce, is too large for so few readers
 * @complexity O(log cases) powers: power rises with cases
 * @golden golden/mrmc-power/cases.json
 */
export function requiredCaseCount(
  plan: PlannedStudy,
  target: { readonly readerCount: number; readonly power: number },
): number {
  assertOpenUnitInterval("The power", target.power);
  return smallest(caseLimit, "cases", (caseCount) => reaches(plan, { ...target, caseCount }));
}

/**
 * Fewest readers with whom a number of cases reaches a power.
 *
 * @throws {MetricInputError} all of `studyPower`; "unreachable-power" if no number of readers up to 1,000 suffices
 */
export function requiredReaderCount(
  plan: PlannedStudy,
  target: { readonly caseCount: number; readonly power: number },
): number {
  assertOpenUnitInterval("The power", target.power);
  return smallest(readerLimit, "readers", (readerCount) => reaches(plan, { ...target, readerCount }));
}

function reaches(
  plan: PlannedStudy,
  target: { readonly readerCount: number; readonly caseCount: number; readonly power: number },
): boolean {
  return studyPower(plan, target).power >= target.power;
}

/** Smallest count from 2 for which the rising test holds, by bisection. */
function smallest(limit: number, noun: string, isEnough: (count: number) => boolean): number {
  if (!isEnough(limit)) {
    throw new MetricInputError("unreachable-power", `The power is not reached with ${limit} ${noun}.`);
  }
  let enough = limit;
  let tooFew = 1;
  while (enough - tooFew > 1) {
    const middle = Math.floor((enough + tooFew) / 2);
    if (isEnough(middle)) enough = middle;
    else tooFew = middle;
  }
  return enough;
}

/**
 * Error components of AUC conjectured without a pilot study.
 *
 * A = √2·Φ⁻¹(θ),  Var(ε) = 0.0099·e^(−A²/2)·((5A² + 8) + (A² + 8)/κ)/m,  κ = n/m benign per malignant case;  Covⱼ = ρⱼ·Var(ε)
 *
 * @param study.auc - expected, in (0, 1)
 * @param study.correlations - ρ₁ ≥ ρ₂ ≥ ρ₃ of the error: same reader, same condition, neither; 0.43, 0.43 and 0.30 in the
 *   Van Dyke study
 * @param study.conditionReader - Var(T·R): where the readers' true differences span about g, four standard deviations,
 *   it is (g/4)²/2
 * @returns components for m + n cases: give that as `pilotCaseCount`
 * @throws {MetricInputError} "out-of-range"; "too-few-cases"
 * @source Obuchowski, Stat Med 13:1065 (1994), binormal variance of AUC; Obuchowski, AJR 175:603 (2000)
 */
export function conjecturedComponents(study: {
  readonly auc: number;
  readonly malignantCount: number;
  readonly benignCount: number;
  readonly correlations: readonly [number, number, number];
  readonly conditionReader: number;
}): PlannedStudy["components"] {
  assertOpenUnitInterval("The expected AUC", study.auc);
  if (!(study.malignantCount >= 2 && study.benignCount >= 2)) {
    throw new MetricInputError(
      "too-few-cases",
      `A study needs two cases of each class, got ${study.malignantCount} malignant and ${study.benignCount} benign.`,
    );
  }
  const [first, second, third] = study.correlations;
  if (!(first <= 1 && first >= second && second >= third && third >= 0 && study.conditionReader >= 0)) {
    throw new MetricInputError(
      "out-of-range",
      `Correlations must fall from at most 1 to at least 0 and Var(T·R) be at least 0, got ${study.correlations.join(", ")} and ${study.conditionReader}.`,
    );
  }
  const square = 2 * normalQuantile(study.auc) ** 2;
  const ratio = study.benignCount / study.malignantCount;
  const error =
    (0.0099 * Math.exp(-square / 2) * (5 * square + 8 + (square + 8) / ratio)) / study.malignantCount;
  return {
    conditionReader: study.conditionReader,
    error,
    cov1: first * error,
    cov2: second * error,
    cov3: third * error,
  };
}
