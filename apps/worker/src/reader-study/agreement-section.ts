import type { Estimate } from "@crossread/contracts/evaluation-report";
import type {
  AgreementMeasure,
  PairMeasure,
  ReaderStudyAnalysis,
} from "@crossread/contracts/reader-study-analysis";
import {
  resampledAgreementCorrelation,
  resampledAlpha,
  resampledFleissKappa,
  resampledKappas,
  type Categories,
  type ResampledCoefficient,
} from "@crossread/metrics/resampled-agreement";
import { estimates, isRecall, orReason, type StudyScope } from "./study-scope.ts";
import { conditions } from "./study-tables.ts";

/** BI-RADS 0 asks for more images: it has no place in the order 1, 2, 3, 4A, 4B, 4C, 5, 6 and counts as missing there. */
const ordinalBirads = (category: number | null): number | null =>
  category === null || category === 0 ? null : category - 1;

const ordinalCount = 8;
const categoryCount = 9;
const suspicionCount = 101;

interface RatingTables {
  readonly suspicion: readonly Categories[];
  readonly birads: readonly Categories[];
  readonly recall: readonly Categories[];
}

const coefficients: Readonly<Record<AgreementMeasure, (tables: RatingTables) => ResampledCoefficient>> = {
  "suspicion-icc": ({ suspicion }) => resampledAgreementCorrelation(suspicion),
  "suspicion-alpha": ({ suspicion }) => resampledAlpha(suspicion, suspicionCount, "interval"),
  "birads-alpha": ({ birads }) =>
    resampledAlpha(
      birads.map((row) => row.map(ordinalBirads)),
      ordinalCount,
      "ordinal",
    ),
  "birads-fleiss": ({ birads }) => resampledFleissKappa(birads, categoryCount),
  "recall-alpha": ({ recall }) => resampledAlpha(recall, 2, "nominal"),
  "recall-fleiss": ({ recall }) => resampledFleissKappa(recall, 2),
};

const noValue =
  "It has no value: every rating is the same, or no breast was rated by all of the readers that it needs.";

/** Agreement of all readers, under each condition, and what the aid changes in it. */
export function agreementSection(scope: StudyScope): ReaderStudyAnalysis["agreement"] {
  const measures = Object.keys(coefficients) as AgreementMeasure[];
  if (scope.complete.length < 2) {
    const reason = {
      undefined: `Agreement needs two readers who finished, got ${scope.complete.length}.`,
    };
    return measures.map((measure) => ({ measure, aided: reason, unaided: reason, difference: reason }));
  }
  const statistics = new Map<string, ResampledCoefficient>();
  const refusals = new Map<string, Estimate>();
  for (const [place, condition] of conditions.entries()) {
    const tables = ratingTables(scope, place);
    for (const measure of measures) {
      const made = orReason(() => ({ coefficient: coefficients[measure](tables) }));
      const name = `${measure} ${condition}`;
      if ("undefined" in made) refusals.set(name, made);
      else statistics.set(name, made.coefficient);
    }
  }
  const estimate = estimates(statistics, { clusterIds: scope.clusterIds, reason: noValue }, scope.resampling);
  return measures.map((measure) => {
    const [aided, unaided] = [`${measure} aided`, `${measure} unaided`] as const;
    const refusal = refusals.get(aided) ?? refusals.get(unaided);
    return {
      measure,
      aided: refusals.get(aided) ?? estimate(aided),
      unaided: refusals.get(unaided) ?? estimate(unaided),
      difference: refusal ?? estimate(aided, unaided),
    };
  });
}

/** Readers × breasts of one condition, readers who finished only; a breast that is not theirs is missing. */
const ratingTables = (scope: StudyScope, condition: number): RatingTables => {
  const birads = scope.complete.map((reader) => scope.tables.birads[condition]![reader]!);
  return {
    suspicion: scope.complete.map((reader) => scope.tables.suspicion[condition]![reader]!),
    birads,
    recall: birads.map((row) => row.map(isRecall)),
  };
};

/** Cohen's κ of every two readers who have breasts in common. */
export function pairSection(scope: StudyScope): ReaderStudyAnalysis["pairs"] {
  const tables = conditions.map((_, place) => ratingTables(scope, place));
  const pairs = scope.complete.flatMap((first, left) =>
    scope.complete.slice(left + 1).map((second, offset) => {
      const right = left + 1 + offset;
      const breasts = tables[1]!.birads[left]!.filter(
        (rating, breast) => rating !== null && tables[1]!.birads[right]![breast] !== null,
      );
      return { first, second, left, right, breastCount: breasts.length };
    }),
  );
  const shared = pairs.filter(({ breastCount }) => breastCount > 0);
  const statistics = new Map<string, ResampledCoefficient>();
  for (const { left, right } of shared) {
    for (const [place, condition] of conditions.entries()) {
      const { birads, recall } = tables[place]!;
      const ordinal = resampledKappas(
        birads[left]!.map(ordinalBirads),
        birads[right]!.map(ordinalBirads),
        ordinalCount,
      );
      const unweighted = resampledKappas(birads[left]!, birads[right]!, categoryCount);
      const calls = resampledKappas(recall[left]!, recall[right]!, 2);
      const add = (measure: PairMeasure, coefficient: ResampledCoefficient) =>
        statistics.set(`${left} ${right} ${measure} ${condition}`, coefficient);
      add("birads-quadratic", (multiplicity) => ordinal(multiplicity).quadratic);
      add("birads-linear", (multiplicity) => ordinal(multiplicity).linear);
      add("birads-unweighted", (multiplicity) => unweighted(multiplicity).none);
      add("recall-unweighted", (multiplicity) => calls(multiplicity).none);
    }
  }
  const estimate = estimates(
    statistics,
    { clusterIds: scope.clusterIds, reason: "κ has no value: both readers gave one and the same category." },
    scope.resampling,
  );
  return shared.map(({ breastCount, first, left, right, second }) => ({
    first,
    second,
    breastCount,
    measures: (["birads-quadratic", "birads-linear", "birads-unweighted", "recall-unweighted"] as const).map(
      (measure) => {
        const [aided, unaided] = [`${left} ${right} ${measure} aided`, `${left} ${right} ${measure} unaided`];
        return {
          measure,
          aided: withoutMethod(estimate(aided!)),
          unaided: withoutMethod(estimate(unaided!)),
          difference: withoutMethod(estimate(aided!, unaided)),
        };
      },
    ),
  }));
}

/** Hundreds of pairs share one method. */
const withoutMethod = (estimate: Estimate) =>
  "undefined" in estimate
    ? estimate
    : { value: estimate.value, lower: estimate.lower, upper: estimate.upper };
