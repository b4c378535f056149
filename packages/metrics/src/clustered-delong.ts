import { splitByLabel } from "./auc.ts";
import { structuralComponents, type AucWithVariance } from "./delong.ts";
import { assertSameLength, type Numbers } from "./input-assertions.ts";
import { MetricInputError } from "./metric-input-error.ts";

export interface ClusteredAuc extends AucWithVariance {
  /** Disjoint pairs of a diseased and a non-diseased case of different subjects. */
  readonly independentPairs: number;
}

interface ClusterSums {
  diseasedCount: number;
  nonDiseasedCount: number;
  diseasedSum: number;
  nonDiseasedSum: number;
}

/**
 * Empirical AUC with a variance that allows for several images per subject; DeLong's where every subject has one.
 *
 * var θ̂ = S₁₀/m + S₀₁/n + 2·S₁₁/(mn), the S over cluster sums of the structural components:
 * S₁₀ = I₁₀/((I₁₀−1)·m) Σ_c (V₁₀(c) − m_c·θ̂)²,  S₀₁ likewise,  S₁₁ = I/(I−1) Σ_c (V₁₀(c) − m_c·θ̂)(V₀₁(c) − n_c·θ̂)
 *
 * @param labels - shape [N], 1 = malignant
 * @param scores - shape [N], finite; larger = more suspicious
 * @param clusterIds - shape [N], the subject of each image
 * @returns auc in [0, 1]; variance ≥ 0 (of auc, dimensionless)
 * @throws {MetricInputError} "too-few-cases" if fewer than 2 subjects have a malignant or a benign image; "one-class",
 *   "length-mismatch", "label-invalid", "not-finite", "empty"
 * @complexity O(N log N) time
 * @source Obuchowski, Biometrics 53:567 (1997)
 */
export function clusteredDelong(
  labels: Numbers,
  scores: Numbers,
  clusterIds: readonly string[],
): ClusteredAuc {
  assertSameLength("cluster ids", clusterIds, labels.length);
  const { diseased, nonDiseased } = splitByLabel(labels, scores);
  const components = structuralComponents(diseased, nonDiseased);
  const clusters = new Map<string, ClusterSums>();
  let diseasedIndex = 0;
  let nonDiseasedIndex = 0;
  for (let index = 0; index < labels.length; index++) {
    const sums = clusters.get(clusterIds[index]!) ?? {
      diseasedCount: 0,
      nonDiseasedCount: 0,
      diseasedSum: 0,
      nonDiseasedSum: 0,
    };
    clusters.set(clusterIds[index]!, sums);
    if (labels[index] === 1) {
      sums.diseasedCount++;
      sums.diseasedSum += components.diseased[diseasedIndex++]!;
    } else {
      sums.nonDiseasedCount++;
      sums.nonDiseasedSum += components.nonDiseased[nonDiseasedIndex++]!;
    }
  }
  return {
    auc: components.auc,
    variance: clusteredVariance([...clusters.values()], components.auc),
    independentPairs: independentPairs([...clusters.values()]),
  };
}

function clusteredVariance(clusters: readonly ClusterSums[], auc: number): number {
  const m = clusters.reduce((sum, cluster) => sum + cluster.diseasedCount, 0);
  const n = clusters.reduce((sum, cluster) => sum + cluster.nonDiseasedCount, 0);
  const withDiseased = clusters.filter((cluster) => cluster.diseasedCount > 0).length;
  const withNonDiseased = clusters.filter((cluster) => cluster.nonDiseasedCount > 0).length;
  if (withDiseased < 2 || withNonDiseased < 2) {
    throw new MetricInputError(
      "too-few-cases",
      `The variance needs two subjects of each class, got ${withDiseased} with a malignant and ${withNonDiseased} with a benign image.`,
    );
  }
  let s10 = 0;
  let s01 = 0;
  let s11 = 0;
  for (const cluster of clusters) {
    const diseased = cluster.diseasedSum - cluster.diseasedCount * auc;
    const nonDiseased = cluster.nonDiseasedSum - cluster.nonDiseasedCount * auc;
    s10 += diseased ** 2;
    s01 += nonDiseased ** 2;
    s11 += diseased * nonDiseased;
  }
  const variance =
    ((withDiseased / (withDiseased - 1)) * s10) / m ** 2 +
    ((withNonDiseased / (withNonDiseased - 1)) * s01) / n ** 2 +
    (2 * (clusters.length / (clusters.length - 1)) * s11) / (m * n);
  return Math.max(0, variance);
}

/** Hall's theorem: pairs are limited by either class and by half of all subjects. */
function independentPairs(clusters: readonly ClusterSums[]): number {
  return Math.min(
    clusters.filter((cluster) => cluster.diseasedCount > 0).length,
    clusters.filter((cluster) => cluster.nonDiseasedCount > 0).length,
    Math.floor(clusters.length / 2),
  );
}
