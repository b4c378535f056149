/** Intraclass correlations of readers who each give a number to every case; forms named as by McGraw & Wong (1996). */
import { defaultConfidence } from "./estimate.ts";
import { fUpperQuantile, fUpperTail } from "./f-distribution.ts";
import { assertFinite, assertOpenUnitInterval, assertSameLength, type Numbers } from "./input-assertions.ts";
import { MetricInputError } from "./metric-input-error.ts";

export interface IntraclassCorrelation {
  /** At most 1; negative where readers agree less than chance. */
  readonly value: number;
  readonly lower: number;
  readonly upper: number;
}

export interface IntraclassCorrelations {
  /** ICC(1,1) and ICC(1,k) of Shrout & Fleiss: each case has readers of its own. */
  readonly oneWay: { readonly single: IntraclassCorrelation; readonly average: IntraclassCorrelation };
  /** ICC(2,1) and ICC(2,k), or ICC(A,1) and ICC(A,k): a reader who rates higher throughout disagrees. */
  readonly agreement: { readonly single: IntraclassCorrelation; readonly average: IntraclassCorrelation };
  /** ICC(3,1) and ICC(3,k), or ICC(C,1) and ICC(C,k): a reader's level does not count. */
  readonly consistency: { readonly single: IntraclassCorrelation; readonly average: IntraclassCorrelation };
  /** P of H₀ "no correlation": one-way, and two-way (the same for agreement and consistency). */
  readonly pValues: { readonly oneWay: number; readonly twoWay: number };
  readonly caseCount: number;
  readonly readerCount: number;
}

/**
 * Intraclass correlations with exact (agreement: Satterthwaite) intervals.
 *
 * one-way (BMS − WMS)/(BMS + (k−1)WMS); agreement (BMS − EMS)/(BMS + (k−1)EMS + k(JMS − EMS)/n);
 * consistency (BMS − EMS)/(BMS + (k−1)EMS); the mean of k readers by Spearman–Brown
 *
 * @param ratings - shape [k readers][n cases], finite, none missing
 * @param confidence - of the intervals, default 0.95
 * @throws {MetricInputError} "too-few-readers" if k < 2; "too-few-cases" if n < 2; "constant-ratings" if every case
 *   has the same mean; "zero-variance" if readers agree in every case up to their
 *   level, where the intervals do not exist; "length-mismatch", "not-finite", "out-of-range"
 * @remarks Which form to report: readers who stand for other readers, agreement; the same readers only, consistency. Cases
 *   of one subject are not independent: resample subjects (`clusteredAgreement`) where there are such.
 * @complexity O(k·n) time
 * @source Shrout & Fleiss, Psychol Bull 86:420 (1979); McGraw & Wong, Psychol Methods 1:30 (1996), tables 4, 7
 * @golden golden/intraclass/cases.json (R psych)
 */
export function intraclassCorrelations(
  ratings: readonly Numbers[],
  confidence = defaultConfidence,
): IntraclassCorrelations {
  assertOpenUnitInterval("confidence", confidence);
  const squares = twoWayMeanSquares(ratings);
  const { n, k, between, within, residual, readers } = squares;
  if (residual === 0) {
    throw new MetricInputError(
      "zero-variance",
      "The readers agree in every case up to a constant: an interval of the correlation does not exist.",
    );
  }
  const tail = (1 - confidence) / 2;
  const betweenDf = n - 1;
  const withinDf = n * (k - 1);
  const residualDf = (n - 1) * (k - 1);
  const exact = (f: number, df: number) => ({
    low: f / fUpperQuantile(tail, betweenDf, df),
    high: f * fUpperQuantile(tail, df, betweenDf),
  });
  const ofRatio = (f: number) => (f - 1) / (f + k - 1);
  const oneWay = exact(between / within, withinDf);
  const consistency = exact(between / residual, residualDf);

  const agreement = agreementOf(squares);
  // McGraw & Wong table 7: Satterthwaite's degrees of freedom of the denominator
  const level = (k * agreement) / (n * (1 - agreement));
  const spread = 1 + (k * agreement * (n - 1)) / (n * (1 - agreement));
  const df =
    (level * readers + spread * residual) ** 2 /
    ((level * readers) ** 2 / (k - 1) + (spread * residual) ** 2 / residualDf);
  const noise = k * readers + (k * n - k - n) * residual;
  const low = fUpperQuantile(tail, betweenDf, df);
  const high = fUpperQuantile(tail, df, betweenDf);
  const agreementSingle = {
    value: agreement,
    lower: (n * (between - low * residual)) / (low * noise + n * between),
    upper: (n * (high * between - residual)) / (noise + n * high * between),
  };
  const single = (f: number, bounds: { readonly low: number; readonly high: number }) => ({
    value: ofRatio(f),
    lower: ofRatio(bounds.low),
    upper: ofRatio(bounds.high),
  });
  const average = (one: IntraclassCorrelation): IntraclassCorrelation => ({
    value: spearmanBrown(one.value, k),
    lower: spearmanBrown(one.lower, k),
    upper: spearmanBrown(one.upper, k),
  });
  const oneWaySingle = single(between / within, oneWay);
  const consistencySingle = single(between / residual, consistency);
  return {
    oneWay: { single: oneWaySingle, average: average(oneWaySingle) },
    agreement: { single: agreementSingle, average: average(agreementSingle) },
    consistency: { single: consistencySingle, average: average(consistencySingle) },
    pValues: {
      oneWay: fUpperTail(between / within, betweenDf, withinDf),
      twoWay: fUpperTail(between / residual, betweenDf, residualDf),
    },
    caseCount: n,
    readerCount: k,
  };
}

/**
 * ICC(2,1) of Shrout & Fleiss alone, which exists also where readers agree completely (1).
 *
 * @param ratings - shape [k readers][n cases], finite
 * @throws {MetricInputError} "too-few-readers", "too-few-cases", "constant-ratings", "length-mismatch", "not-finite"
 */
export function agreementCorrelation(ratings: readonly Numbers[]): number {
  return agreementOf(twoWayMeanSquares(ratings));
}

interface TwoWayMeanSquares {
  readonly n: number;
  readonly k: number;
  /** BMS, n−1 degrees of freedom. */
  readonly between: number;
  /** WMS, n(k−1). */
  readonly within: number;
  /** JMS, k−1. */
  readonly readers: number;
  /** EMS, (n−1)(k−1). */
  readonly residual: number;
}

const agreementOf = ({ n, k, between, residual, readers }: TwoWayMeanSquares): number =>
  (between - residual) / (between + (k - 1) * residual + (k * (readers - residual)) / n);

/** The correlation of means of k from that of one: kρ/(1 + (k−1)ρ). */
function spearmanBrown(correlation: number, k: number): number {
  return (k * correlation) / (1 + (k - 1) * correlation);
}

function twoWayMeanSquares(ratings: readonly Numbers[]): TwoWayMeanSquares {
  const k = ratings.length;
  const n = ratings[0]?.length ?? 0;
  if (k < 2) {
    throw new MetricInputError("too-few-readers", `An intraclass correlation needs two readers, got ${k}.`);
  }
  if (n < 2) {
    throw new MetricInputError("too-few-cases", `An intraclass correlation needs two cases, got ${n}.`);
  }
  for (const reader of ratings) {
    assertSameLength("ratings of a reader", reader, n);
    assertFinite("ratings", reader);
  }
  const caseMeans = new Float64Array(n);
  const readerMeans = new Float64Array(k);
  ratings.forEach((reader, row) => {
    for (let index = 0; index < n; index++) {
      caseMeans[index]! += reader[index]! / k;
      readerMeans[row]! += reader[index]! / n;
    }
  });
  const overall = readerMeans.reduce((sum, value) => sum + value / k, 0);
  let within = 0;
  let residual = 0;
  ratings.forEach((reader, row) => {
    for (let index = 0; index < n; index++) {
      within += (reader[index]! - caseMeans[index]!) ** 2;
      residual += (reader[index]! - caseMeans[index]! - readerMeans[row]! + overall) ** 2;
    }
  });
  const scatter = (means: Float64Array) => means.reduce((sum, value) => sum + (value - overall) ** 2, 0);
  const between = (k * scatter(caseMeans)) / (n - 1);
  // Rounding leaves residues where sums of squares are 0 in truth.
  const negligible = 1e-24 * (1 + overall ** 2) * n * k;
  if (between * (n - 1) <= negligible && residual <= negligible) {
    throw new MetricInputError(
      "constant-ratings",
      "No reader rates one case unlike another: nothing varies.",
    );
  }
  return {
    n,
    k,
    between,
    within: within / (n * (k - 1)),
    readers: (n * scatter(readerMeans)) / (k - 1),
    residual: residual <= negligible ? 0 : residual / ((n - 1) * (k - 1)),
  };
}
