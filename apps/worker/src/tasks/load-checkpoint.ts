import { DomainError } from "@crossread/contracts/errors";
import type { CheckpointManifest } from "@crossread/model/checkpoint-manifest";
import { decodeWeights } from "@crossread/model/checkpoint";
import { sha256 } from "@crossread/model/digest";
import type { ModelParameters } from "@crossread/model/parameter-table";
import type { ObjectStore } from "@crossread/storage/object-store";
import type { CheckpointReference } from "./task-contracts.ts";

/** Weights of a checkpoint, checked against the digest in its manifest. */
export async function loadWeights(
  store: ObjectStore,
  checkpoint: CheckpointReference,
): Promise<{ manifest: CheckpointManifest; parameters: ModelParameters }> {
  const { manifest } = checkpoint;
  const weights = await store.get(checkpoint.blobKey);
  const digest = sha256(weights);
  if (digest !== manifest.weights.sha256) {
    throw new DomainError(
      "blob-digest-mismatch",
      `Checkpoint ${manifest.weights.sha256} has weights with SHA-256 ${digest}.`,
    );
  }
  return { manifest, parameters: decodeWeights(manifest.config, weights, `checkpoint ${digest}`) };
}
