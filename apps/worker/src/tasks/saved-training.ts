import { isDomainError } from "@crossread/contracts/errors";
import type { TrainLocalOptions } from "@crossread/model/train-local";
import {
  decodeTrainingState,
  trainingFingerprint,
  type TrainingState,
} from "@crossread/model/training-state";
import type { ObjectStore } from "@crossread/storage/object-store";

/** The state that an earlier attempt of this very training left; a damaged or foreign one counts as none. */
export async function findTrainingState(
  store: ObjectStore,
  key: string,
  training: Pick<
    TrainLocalOptions,
    "engine" | "config" | "start" | "train" | "tuning" | "normalisation" | "plan" | "seed"
  >,
): Promise<TrainingState | undefined> {
  if (!(await store.has(key))) return undefined;
  let state: TrainingState;
  try {
    state = decodeTrainingState(await store.get(key), key);
  } catch (error) {
    if (isDomainError(error) && error.code !== "storage-unavailable") return undefined;
    throw error;
  }
  const fingerprint = trainingFingerprint({ ...training, engineName: training.engine.name });
  return state.fingerprint === fingerprint ? state : undefined;
}
