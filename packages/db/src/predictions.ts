import type { Finding } from "@crossread/contracts/dataset-manifest";
import type { TransformChain } from "@crossread/contracts/saliency-map";
import type { Database } from "./database.ts";
import { toJsonColumn } from "./json-column.ts";

export interface PredictionRow {
  readonly instanceId: string;
  /** Score of the class "malignant", in [0, 1]. */
  readonly score: number;
}

/** A checkpoint and an image never change, so a score that is there already stays. */
export async function storePredictions(
  db: Database,
  checkpointId: string,
  predictions: readonly PredictionRow[],
): Promise<void> {
  await db.prediction.createMany({
    data: predictions.map((prediction) => ({ checkpointId, ...prediction })),
    skipDuplicates: true,
  });
}

export async function listPredictions(
  db: Database,
  checkpointId: string,
  instanceIds: readonly string[],
): Promise<PredictionRow[]> {
  return db.prediction.findMany({
    where: { checkpointId, instanceId: { in: [...instanceIds] } },
    select: { instanceId: true, score: true },
  });
}

export interface SaliencyMapRow {
  readonly instanceId: string;
  readonly classLabel: Finding;
  readonly layer: string;
  readonly blobKey: string;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly transform: TransformChain;
}

export async function storeSaliencyMap(
  db: Database,
  checkpointId: string,
  map: SaliencyMapRow,
): Promise<void> {
  await db.saliencyMap.createMany({
    data: [{ checkpointId, ...map, transform: toJsonColumn(map.transform) }],
    skipDuplicates: true,
  });
}

/** Of the images, those that have a map of this class and layer already. */
export async function listExplained(
  db: Database,
  query: { checkpointId: string; classLabel: Finding; layer: string; instanceIds: readonly string[] },
): Promise<Set<string>> {
  const { instanceIds, ...where } = query;
  const rows = await db.saliencyMap.findMany({
    where: { ...where, instanceId: { in: [...instanceIds] } },
    select: { instanceId: true },
  });
  return new Set(rows.map((row) => row.instanceId));
}
