import { DomainError } from "@crossread/contracts/errors";
import { findCheckpoint, type CheckpointRow } from "@crossread/db/checkpoints-write";
import { checkpointManifestSchema } from "@crossread/model/checkpoint-manifest";
import { canonicalJson, sha256 } from "@crossread/model/digest";
import type { CheckpointReference } from "../tasks/task-contracts.ts";
import type { WorkerContext } from "../worker-context.ts";

export interface StoredCheckpoint extends CheckpointReference {
  readonly row: CheckpointRow;
  /** Digest of the manifest: what lineage calls the checkpoint's id. */
  readonly lineageId: string;
}

export async function loadCheckpoint(
  context: WorkerContext,
  checkpointId: string,
): Promise<StoredCheckpoint> {
  const row = await findCheckpoint(context.db, checkpointId);
  if (row === undefined) throw new DomainError("not-found", `There is no checkpoint ${checkpointId}.`);
  const parsed = checkpointManifestSchema.safeParse(row.manifest);
  if (!parsed.success) {
    throw new DomainError(
      "checkpoint-invalid",
      `The manifest of checkpoint ${checkpointId} cannot be read.`,
      {
        cause: parsed.error,
      },
    );
  }
  const manifest = parsed.data;
  return { row, manifest, blobKey: row.blobKey, lineageId: sha256(canonicalJson(manifest)) };
}
