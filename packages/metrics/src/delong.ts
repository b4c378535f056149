import { aucOfRanks, jointMidranks, splitByLabel } from "./auc.ts";
import { defaultConfidence, type Interval } from "./estimate.ts";
import { assertOpenUnitInterval, assertSameLength, type Numbers } from "./input-assertions.ts";
import { MetricInputError } from "./metric-input-error.ts";
import { midranks } from "./midranks.ts";
import { normalQuantile, twoSidedPValue } from "./normal-distribution.ts";
import { sampleVariance } from "./summary.ts";

export interface StructuralComponents {
  readonly auc: number;
  /** V₁₀(xᵢ): share of non-diseased cases that diseased case i beats, ties ½; shape [m]. */
  readonly diseased: Float64Array;
  /** V₀₁(yⱼ): share of diseased cases that beat non-diseased case j, ties ½; shape [n]. */
  readonly nonDiseased: Float64Array;
}

export interface AucWithVariance {
  readonly auc: number;
  /** Of auc, dimensionless, ≥ 0. */
  readonly variance: number;
}

export interface AucComparison {
  readonly first: AucWithVariance;
  readonly second: AucWithVariance;
  /** first − second. */
  readonly difference: number;
  readonly lower: number;
  readonly upper: number;
  readonly z: number;
  /** Two-sided. */
  readonly pValue: number;
}

/** DeLong's placement values by midranks. */
export function structuralComponents(diseased: Numbers, nonDiseased: Numbers): StructuralComponents {
  const m = diseased.length;
  const n = nonDiseased.length;
  const joint = jointMidranks(diseased, nonDiseased);
  const amongDiseased = midranks(diseased);
  const amongNonDiseased = midranks(nonDiseased);
  const v10 = Float64Array.from({ length: m }, (_, index) => (joint[index]! - amongDiseased[index]!) / n);
  const v01 = Float64Array.from(
    { length: n },
    (_, index) => 1 - (joint[m + index]! - amongNonDiseased[index]!) / m,
  );
  return { auc: aucOfRanks(joint, m), diseased: v10, nonDiseased: v01 };
}

/**
 * Empirical AUC with its DeLong variance.
 *
 * θ̂ = 1/(mn) · Σᵢ Σⱼ ψ(xᵢ, yⱼ),  var θ̂ = s²(V₁₀)/m + s²(V₀₁)/n
 *
 * @param diseased - scores, shape [m], any finite scale; larger = more suspicious; independent cases
 * @param nonDiseased - scores, shape [n], same scale
 * @returns auc in [0, 1]; variance ≥ 0 (of auc, dimensionless)
 * @throws {MetricInputError} "too-few-cases" if m < 2 or n < 2; "one-class"; "not-finite"
 * @remarks Ties count ½. Variance is 0 when the groups separate perfectly: report an exact interval instead.
 * @complexity O((m+n) log(m+n)) time, O(m+n) memory
 * @source DeLong et al., Biometrics 44:837 (1988); ranks as in Sun & Xu, IEEE SPL 21:1389 (2014)
 * @golden golden/delong/cases.json (pROC)
 */
export function delong(diseased: Numbers, nonDiseased: Numbers): AucWithVariance {
  const components = structuralComponents(diseased, nonDiseased);
  assertTwoOfEach(diseased.length, nonDiseased.length);
  return { auc: components.auc, variance: varianceOfMean(components.diseased, components.nonDiseased) };
}

/**
 * Confidence interval of an AUC from its variance.
 *
 * logit scale: expit( logit θ̂ ± z·√var / (θ̂(1−θ̂)) ); identity scale: θ̂ ± z·√var, cut to [0, 1]
 *
 * @param estimate - from `delong` or `clusteredDelong`
 * @param options.independentPairs - disjoint diseased–non-diseased pairs in the data (min(m, n) where cases are independent)
 * @param options.scale - "logit" (default) or "identity", which is pROC's
 * @returns inside [0, 1]. At θ̂ = 1 the lower bound is exact: all k disjoint pairs are concordant with probability
 *   ≤ θᵏ, so lower = (α/2)^(1/k) and upper = 1; θ̂ = 0 is its mirror.
 * @throws {MetricInputError} "zero-variance" if 0 < θ̂ < 1 but the variance is 0 (constant scores); "out-of-range"
 * @golden golden/delong/cases.json (pROC)
 */
export function aucInterval(
  estimate: AucWithVariance,
  options: {
    readonly independentPairs: number;
    readonly confidence?: number;
    readonly scale?: "logit" | "identity";
  },
): Interval {
  const { auc, variance } = estimate;
  const confidence = options.confidence ?? defaultConfidence;
  assertOpenUnitInterval("confidence", confidence);
  if (auc === 0 || auc === 1) {
    if (!(options.independentPairs >= 1)) {
      throw new MetricInputError(
        "too-few-cases",
        "An exact bound of the AUC needs a pair of independent cases.",
      );
    }
    const bound = ((1 - confidence) / 2) ** (1 / options.independentPairs);
    return auc === 1 ? { lower: bound, upper: 1 } : { lower: 0, upper: 1 - bound };
  }
  if (!(variance > 0)) {
    throw new MetricInputError(
      "zero-variance",
      `The variance of AUC ${auc} is ${variance}: no interval exists.`,
    );
  }
  const z = normalQuantile((1 + confidence) / 2);
  const error = Math.sqrt(variance);
  if (options.scale === "identity") {
    return { lower: Math.max(0, auc - z * error), upper: Math.min(1, auc + z * error) };
  }
  const logit = Math.log(auc / (1 - auc));
  const reach = (z * error) / (auc * (1 - auc));
  return { lower: 1 / (1 + Math.exp(reach - logit)), upper: 1 / (1 + Math.exp(-reach - logit)) };
}

/**
 * DeLong's test of two scores on the same independent cases.
 *
 * z = (θ̂₁ − θ̂₂) / √( s²(V₁₀¹ − V₁₀²)/m + s²(V₀₁¹ − V₀₁²)/n )
 *
 * @param cases.labels - shape [N], 1 = malignant
 * @param cases.firstScores - shape [N], finite
 * @param cases.secondScores - shape [N], finite; may have another scale
 * @param confidence - of the interval of the difference (identity scale, not cut)
 * @returns z = 0 and pValue = 1 where the two scores order every pair alike
 * @throws {MetricInputError} "zero-variance" if the AUCs differ but their difference has no variance; "too-few-cases",
 *   "one-class", "length-mismatch", "label-invalid", "not-finite", "empty"
 * @source DeLong et al., Biometrics 44:837 (1988)
 * @golden golden/delong/cases.json (pROC roc.test)
 */
export function compareAucs(
  cases: { readonly labels: Numbers; readonly firstScores: Numbers; readonly secondScores: Numbers },
  confidence = defaultConfidence,
): AucComparison {
  assertSameLength("second scores", cases.secondScores, cases.labels.length);
  assertOpenUnitInterval("confidence", confidence);
  const split1 = splitByLabel(cases.labels, cases.firstScores);
  const split2 = splitByLabel(cases.labels, cases.secondScores);
  const components1 = structuralComponents(split1.diseased, split1.nonDiseased);
  const components2 = structuralComponents(split2.diseased, split2.nonDiseased);
  assertTwoOfEach(split1.diseased.length, split1.nonDiseased.length);
  const difference = components1.auc - components2.auc;
  const variance = varianceOfMean(
    components1.diseased.map((value, index) => value - components2.diseased[index]!),
    components1.nonDiseased.map((value, index) => value - components2.nonDiseased[index]!),
  );
  if (variance === 0 && difference !== 0) {
    throw new MetricInputError(
      "zero-variance",
      `AUCs ${components1.auc} and ${components2.auc} differ but their difference has no variance.`,
    );
  }
  const z = variance === 0 ? 0 : difference / Math.sqrt(variance);
  const reach = normalQuantile((1 + confidence) / 2) * Math.sqrt(variance);
  return {
    first: { auc: components1.auc, variance: varianceOfMean(components1.diseased, components1.nonDiseased) },
    second: { auc: components2.auc, variance: varianceOfMean(components2.diseased, components2.nonDiseased) },
    difference,
    lower: difference - reach,
    upper: difference + reach,
    z,
    pValue: variance === 0 ? 1 : twoSidedPValue(z),
  };
}

function varianceOfMean(diseased: Float64Array, nonDiseased: Float64Array): number {
  return spread(diseased) / diseased.length + spread(nonDiseased) / nonDiseased.length;
}

/** Exactly 0 for equal values, where rounding of the mean would leave 1e-33. */
function spread(values: Float64Array): number {
  return values.every((value) => value === values[0]) ? 0 : sampleVariance(values);
}

function assertTwoOfEach(m: number, n: number): void {
  if (m < 2 || n < 2) {
    throw new MetricInputError(
      "too-few-cases",
      `DeLong's variance needs two cases of each class, got ${m} malignant and ${n} benign.`,
    );
  }
}
