/** How readers' figures vary together over the patients that they share, for readers who read any cases whatever. */
import type { FigureOfMerit } from "./figure-of-merit.ts";
import { MetricInputError } from "./metric-input-error.ts";
import type { ReaderStudyRatings } from "./reader-study-ratings.ts";

export interface DesignRatings extends Pick<ReaderStudyRatings, "labels" | "ratings"> {
  readonly clusterIds: readonly string[];
  /** Shape [R][N]: cases that the reader rated under every condition. */
  readonly isRead: readonly (readonly boolean[])[];
}

/** Σₜ cₜ · figure under condition t, e.g. [1, −1] for a difference. */
export type Contrast = readonly number[];

export interface SharedCaseCovariance {
  /** Shape [R]. */
  readonly values: Float64Array;
  /** Shape [R · R], symmetric; NaN where no two observations of the two readers are independent. */
  readonly covariance: Float64Array;
  /** Shape [R · R]: δ, share of pairs of their observations that have a patient in common; 0 for readers without common cases. */
  readonly dependence: Float64Array;
}

interface Observation {
  /** The patients that it is of, one or two. */
  readonly first: number;
  readonly second: number;
}

/**
 * Contrast of the figures of every reader and its covariance over patients, from moments over observations.
 *
 * An observation of a reader is a pair (diseased case, non-diseased case) with its kernel, or one case where the figure uses
 * one class. With h = observation − the reader's own mean and n observations a reader:
 * cov(r, s) = Σ_{a of r, b of s, a patient in common} hₐ h_b / (n_r n_s (1 − δ)),  δ = share of such pairs
 *
 * @param design - at least one case of each used class for every reader
 * @param figure - with `kernel` where it uses both classes
 * @param contrast - shape [T]
 * @returns for readers of the same independent cases the U-statistic E[ab] − E[a]E[b], which is unbiased
 * @throws {MetricInputError} "out-of-range" if the figure has neither kernel nor components
 * @remarks A patient's breasts count as dependent in every role: diseased with diseased, non-diseased, and both.
 * @complexity O(P²·R² + R·m·n) time for P patients, O(P·R + R²) memory
 * @source moments for any design: Gallas, Bandos, Samuelson & Wagner, Commun Stat Theory Methods 38:2586 (2009); Gallas &
 *   Brown, Neural Netw 21:387 (2008); patients as clusters as in Obuchowski, Biometrics 53:567 (1997)
 * @golden golden/arbitrary-design/cases.json (the sums over index tuples, written out)
 */
export function sharedCaseCovariance(
  design: DesignRatings,
  figure: FigureOfMerit,
  contrast: Contrast,
): SharedCaseCovariance {
  const readerCount = design.isRead.length;
  const patients = patientsOf(design);
  const { observe, counts, values } =
    figure.uses === "both"
      ? pairObservations(design, figure, contrast)
      : singleObservations(design, figure, contrast);
  const sums = new CommonPatientSums(readerCount, patients.length);
  const centred = new Float64Array(readerCount);
  const count = new Float64Array(readerCount);
  const visit = (first: number, second: number, isSeen: (reader: number) => readonly [number, number]) => {
    for (let reader = 0; reader < readerCount; reader++) {
      const [sum, seen] = isSeen(reader);
      centred[reader] = sum - seen * values[reader]!;
      count[reader] = seen;
    }
    sums.add({ first, second }, centred, count);
  };
  patients.forEach((left, first) => {
    if (figure.uses !== "both") {
      visit(first, first, (reader) => observe(reader, left, left));
      return;
    }
    for (let second = first; second < patients.length; second++) {
      const right = patients[second]!;
      if (left.diseased.length + right.diseased.length === 0) continue;
      visit(first, second, (reader) => {
        const [sum, seen] = observe(reader, left, right);
        if (first === second) return [sum, seen];
        const [otherSum, otherSeen] = observe(reader, right, left);
        return [sum + otherSum, seen + otherSeen];
      });
    }
  });
  return { values, ...sums.covariance(counts) };
}

interface PatientCases {
  readonly diseased: readonly number[];
  readonly nonDiseased: readonly number[];
}

function patientsOf({ labels, clusterIds }: DesignRatings): PatientCases[] {
  const byPatient = new Map<string, { diseased: number[]; nonDiseased: number[] }>();
  clusterIds.forEach((id, index) => {
    const patient = byPatient.get(id) ?? { diseased: [], nonDiseased: [] };
    byPatient.set(id, patient);
    (labels[index] === 1 ? patient.diseased : patient.nonDiseased).push(index);
  });
  return [...byPatient.values()];
}

interface Observations {
  /** Sum and number of a reader's observations of diseased cases of one patient (and non-diseased ones of the other). */
  readonly observe: (
    reader: number,
    ofDiseased: PatientCases,
    ofNonDiseased: PatientCases,
  ) => readonly [number, number];
  /** Shape [R]: observations of each reader. */
  readonly counts: Float64Array;
  readonly values: Float64Array;
}

function pairObservations(
  { isRead, labels, ratings }: DesignRatings,
  figure: FigureOfMerit,
  contrast: Contrast,
): Observations {
  const { kernel } = figure;
  if (kernel === undefined) {
    throw new MetricInputError("out-of-range", `${figure.name} has no kernel over pairs of cases.`);
  }
  const observe: Observations["observe"] = (reader, { diseased }, { nonDiseased }) => {
    let sum = 0;
    let seen = 0;
    const reads = isRead[reader]!;
    for (const j of diseased) {
      if (!reads[j]!) continue;
      for (const i of nonDiseased) {
        if (!reads[i]!) continue;
        seen++;
        for (let condition = 0; condition < contrast.length; condition++) {
          const weight = contrast[condition]!;
          if (weight === 0) continue;
          const row = ratings[condition]![reader]!;
          sum += weight * kernel(row[j]!, row[i]!);
        }
      }
    }
    return [sum, seen];
  };
  const all = { diseased: [] as number[], nonDiseased: [] as number[] };
  for (let index = 0; index < labels.length; index++) {
    (labels[index] === 1 ? all.diseased : all.nonDiseased).push(index);
  }
  return { observe, ...totalsOf(isRead.length, (reader) => observe(reader, all, all)) };
}

function singleObservations(
  { isRead, labels, ratings }: DesignRatings,
  figure: FigureOfMerit,
  contrast: Contrast,
): Observations {
  const { components } = figure;
  if (components === undefined) {
    throw new MetricInputError("out-of-range", `${figure.name} is no mean over cases.`);
  }
  const wanted = figure.uses === "diseased" ? 1 : 0;
  const scores = isRead.map((reads, reader) => {
    const own = reads.flatMap((isOwn, index) => (isOwn && labels[index] === wanted ? [index] : []));
    const score = new Float64Array(reads.length);
    contrast.forEach((weight, condition) => {
      const row = ratings[condition]![reader]!;
      const parts = components(
        own.map((index) => labels[index]!),
        own.map((index) => row[index]!),
      );
      own.forEach((index, place) => {
        score[index]! += weight * parts[place]!;
      });
    });
    return score;
  });
  const sumOver = (reader: number, indices: Iterable<number>): readonly [number, number] => {
    let sum = 0;
    let seen = 0;
    for (const index of indices) {
      if (!isRead[reader]![index]! || labels[index] !== wanted) continue;
      seen++;
      sum += scores[reader]![index]!;
    }
    return [sum, seen];
  };
  return {
    observe: (reader, { diseased, nonDiseased }) => sumOver(reader, wanted === 1 ? diseased : nonDiseased),
    ...totalsOf(isRead.length, (reader) => sumOver(reader, scores[reader]!.keys())),
  };
}

function totalsOf(readerCount: number, total: (reader: number) => readonly [number, number]) {
  const counts = new Float64Array(readerCount);
  const values = new Float64Array(readerCount);
  for (let reader = 0; reader < readerCount; reader++) {
    const [sum, seen] = total(reader);
    counts[reader] = seen;
    values[reader] = sum / seen;
  }
  return { counts, values };
}

/**
 * Σ over pairs of observations of two readers with a patient in common. Sums by patient count a pair that has both patients in
 * common twice; the sums by pair of patients take it back once.
 */
class CommonPatientSums {
  readonly #readerCount: number;
  /** Shape [P · R]. */
  readonly #centred: Float64Array;
  readonly #counts: Float64Array;
  /** Shape [R · R], upper triangle. */
  readonly #twiceCentred: Float64Array;
  readonly #twiceCounts: Float64Array;

  constructor(readerCount: number, patientCount: number) {
    this.#readerCount = readerCount;
    this.#centred = new Float64Array(patientCount * readerCount);
    this.#counts = new Float64Array(patientCount * readerCount);
    this.#twiceCentred = new Float64Array(readerCount * readerCount);
    this.#twiceCounts = new Float64Array(readerCount * readerCount);
  }

  add({ first, second }: Observation, centred: Float64Array, counts: Float64Array): void {
    const R = this.#readerCount;
    for (let left = 0; left < R; left++) {
      const seen = counts[left]!;
      if (seen === 0) continue;
      this.#centred[first * R + left]! += centred[left]!;
      this.#counts[first * R + left]! += seen;
      if (first === second) continue;
      this.#centred[second * R + left]! += centred[left]!;
      this.#counts[second * R + left]! += seen;
      for (let right = left; right < R; right++) {
        this.#twiceCentred[left * R + right]! += centred[left]! * centred[right]!;
        this.#twiceCounts[left * R + right]! += seen * counts[right]!;
      }
    }
  }

  /** @param totals - shape [R]: observations of each reader */
  covariance(totals: Float64Array): Pick<SharedCaseCovariance, "covariance" | "dependence"> {
    const R = this.#readerCount;
    const covariance = new Float64Array(R * R);
    const dependence = new Float64Array(R * R);
    for (let left = 0; left < R; left++) {
      for (let right = left; right < R; right++) {
        let sum = -this.#twiceCentred[left * R + right]!;
        let common = -this.#twiceCounts[left * R + right]!;
        for (let row = 0; row < this.#centred.length; row += R) {
          sum += this.#centred[row + left]! * this.#centred[row + right]!;
          common += this.#counts[row + left]! * this.#counts[row + right]!;
        }
        const all = totals[left]! * totals[right]!;
        // Counts are whole numbers, so that "all pairs" is seen exactly.
        const value = common === 0 ? 0 : common === all ? Number.NaN : sum / (all - common);
        covariance[left * R + right] = covariance[right * R + left] = value;
        dependence[left * R + right] = dependence[right * R + left] = common / all;
      }
    }
    return { covariance, dependence };
  }
}
