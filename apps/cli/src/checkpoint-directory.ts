import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DomainError } from "@crossread/contracts/errors";
import {
  decodeCheckpoint,
  encodeCheckpoint,
  type CheckpointContent,
  type EncodedCheckpoint,
} from "@crossread/model/checkpoint";

export const manifestName = "manifest.json";
const weightsName = "weights.safetensors";

/** A checkpoint on disk: DIR/manifest.json and DIR/weights.safetensors. */
export async function writeCheckpoint(
  directory: string,
  content: CheckpointContent,
): Promise<EncodedCheckpoint> {
  const encoded = encodeCheckpoint(content);
  await mkdir(directory, { recursive: true });
  await writeFile(join(directory, weightsName), encoded.weights);
  await writeFile(join(directory, manifestName), encoded.manifestBytes);
  return encoded;
}

export async function readCheckpoint(directory: string): Promise<ReturnType<typeof decodeCheckpoint>> {
  for (const name of [manifestName, weightsName]) {
    if (!existsSync(join(directory, name))) {
      throw new DomainError(
        "file-missing",
        `A checkpoint is a directory with ${name}; ${directory} has none.`,
      );
    }
  }
  return decodeCheckpoint({
    manifestBytes: await readFile(join(directory, manifestName)),
    weights: await readFile(join(directory, weightsName)),
  });
}
