import { DomainError } from "@crossread/contracts/errors";
import { checkpointManifestSchema, type CheckpointManifest, type Lineage } from "./checkpoint-manifest.ts";
import type { ModelConfig } from "./config.ts";
import { canonicalJson, sha256 } from "./digest.ts";
import type { Normalisation } from "./normalisation.ts";
import { parameterTable, parameterValues, type ModelParameters } from "./parameter-table.ts";
import { encodeSafetensors, floatValues, parseSafetensors } from "./safetensors.ts";

/** A model, how to feed it and where it comes from. */
export interface CheckpointContent {
  readonly config: ModelConfig;
  readonly parameters: ModelParameters;
  readonly normalisation: Normalisation;
  readonly classNames: readonly string[];
  readonly lineage: Lineage;
}

/** The two files of a checkpoint; equal content has equal bytes and the same id. */
export interface EncodedCheckpoint {
  /** SHA-256 of the manifest, which itself names the digest of the weights. */
  readonly checkpointId: string;
  readonly manifest: CheckpointManifest;
  readonly manifestBytes: Uint8Array<ArrayBuffer>;
  readonly weights: Uint8Array<ArrayBuffer>;
}

export const defaultClassNames = ["benign", "malignant"] as const;

/** Parameters as safetensors, one tensor a row of the parameter table. */
export function encodeWeights(config: ModelConfig, parameters: ModelParameters): Uint8Array<ArrayBuffer> {
  const table = parameterTable(config);
  assertSizes(parameters, table);
  return encodeSafetensors(
    table.parameters.map((parameter) => ({
      name: parameter.name,
      shape: parameter.shape,
      values: parameterValues(parameters, parameter),
    })),
  );
}

/**
 * Parameters of exactly this architecture.
 *
 * @throws {DomainError} "weights-invalid" for a missing, unknown or misshapen tensor, another type, NaN or ±∞
 */
export function decodeWeights(config: ModelConfig, weights: Uint8Array, origin: string): ModelParameters {
  const file = parseSafetensors(weights, origin);
  const table = parameterTable(config);
  const parameters: ModelParameters = {
    trainable: new Float32Array(table.trainableSize),
    statistics: new Float32Array(table.statisticsSize),
  };
  const known = new Set(table.parameters.map((parameter) => parameter.name));
  const stranger = [...file.tensors.keys()].find((name) => !known.has(name));
  if (stranger !== undefined) {
    throw new DomainError(
      "weights-invalid",
      `${config.architecture} has no tensor "${stranger.slice(0, 100)}" (${origin}).`,
    );
  }
  for (const parameter of table.parameters) {
    const entry = file.tensors.get(parameter.name);
    if (entry === undefined) {
      throw new DomainError(
        "weights-invalid",
        `Tensor "${parameter.name}" of ${config.architecture} is missing (${origin}).`,
      );
    }
    if (entry.dtype !== "F32" || entry.shape.join() !== parameter.shape.join()) {
      throw new DomainError(
        "weights-invalid",
        `Tensor "${parameter.name}" has type ${entry.dtype} and shape [${entry.shape.join(", ")}], expected F32 [${parameter.shape.join(", ")}] (${origin}).`,
      );
    }
    parameterValues(parameters, parameter).set(floatValues(entry, parameter.name));
  }
  return parameters;
}

export function encodeCheckpoint(content: CheckpointContent): EncodedCheckpoint {
  const weights = encodeWeights(content.config, content.parameters);
  const manifest = parseManifest({
    format: "crossread-checkpoint",
    version: 1,
    config: content.config,
    normalisation: content.normalisation,
    classNames: content.classNames,
    weights: { sha256: sha256(weights), sizeBytes: weights.length },
    lineage: content.lineage,
  });
  const manifestBytes = new TextEncoder().encode(canonicalJson(manifest));
  return { checkpointId: sha256(manifestBytes), manifest, manifestBytes, weights };
}

/**
 * Reads both files back.
 *
 * @param files.checkpointId - where given, the manifest must have this digest
 * @throws {DomainError} "checkpoint-invalid" (manifest), "blob-digest-mismatch" (either digest), "weights-invalid"
 */
export function decodeCheckpoint(files: {
  readonly manifestBytes: Uint8Array;
  readonly weights: Uint8Array;
  readonly checkpointId?: string;
}): CheckpointContent & { readonly checkpointId: string; readonly manifest: CheckpointManifest } {
  const checkpointId = sha256(files.manifestBytes);
  if (files.checkpointId !== undefined && files.checkpointId !== checkpointId) {
    throw new DomainError(
      "blob-digest-mismatch",
      `Manifest of checkpoint ${files.checkpointId} has SHA-256 ${checkpointId}.`,
    );
  }
  const manifest = parseManifest(parseJson(files.manifestBytes));
  const weightsDigest = sha256(files.weights);
  if (weightsDigest !== manifest.weights.sha256) {
    throw new DomainError(
      "blob-digest-mismatch",
      `Weights of checkpoint ${checkpointId} have SHA-256 ${weightsDigest}, expected ${manifest.weights.sha256}.`,
    );
  }
  const { classNames, config, lineage, normalisation } = manifest;
  const parameters = decodeWeights(config, files.weights, `checkpoint ${checkpointId}`);
  return { checkpointId, manifest, config, normalisation, classNames, lineage, parameters };
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)) as unknown;
  } catch (cause) {
    throw new DomainError("checkpoint-invalid", "A checkpoint manifest must be JSON in UTF-8.", { cause });
  }
}

function parseManifest(value: unknown): CheckpointManifest {
  const parsed = checkpointManifestSchema.safeParse(value);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new DomainError(
      "checkpoint-invalid",
      `The checkpoint manifest is not valid at "${issue?.path.join(".") ?? ""}": ${issue?.message ?? "unknown"}.`,
      { cause: parsed.error },
    );
  }
  const { classNames, config } = parsed.data;
  if (classNames.length !== config.classCount) {
    throw new DomainError(
      "checkpoint-invalid",
      `The checkpoint manifest names ${classNames.length} classes for a network with ${config.classCount}.`,
    );
  }
  return parsed.data;
}

function assertSizes(
  parameters: ModelParameters,
  table: { readonly trainableSize: number; readonly statisticsSize: number },
): void {
  if (
    parameters.trainable.length !== table.trainableSize ||
    parameters.statistics.length !== table.statisticsSize
  ) {
    throw new DomainError(
      "weights-invalid",
      `Parameters have ${parameters.trainable.length} trainable and ${parameters.statistics.length} statistic numbers, expected ${table.trainableSize} and ${table.statisticsSize}.`,
    );
  }
}
