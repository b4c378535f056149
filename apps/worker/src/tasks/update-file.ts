import { DomainError } from "@crossread/contracts/errors";
import { decodeWeights } from "@crossread/model/checkpoint";
import type { ModelConfig } from "@crossread/model/config";
import { parameterTable, parameterValues, type ModelParameters } from "@crossread/model/parameter-table";
import { encodeSafetensors, parseSafetensors } from "@crossread/model/safetensors";

/** What a site delivers: all weights after local training, and what they were trained from. */
export interface UpdateFile {
  readonly parameters: ModelParameters;
  /** Of the weights that the training started from. */
  readonly baseSha256: string;
  readonly roundNumber: number;
}

export function encodeUpdate(config: ModelConfig, update: UpdateFile): Uint8Array<ArrayBuffer> {
  const tensors = parameterTable(config).parameters.map((parameter) => ({
    name: parameter.name,
    shape: parameter.shape,
    values: parameterValues(update.parameters, parameter),
  }));
  return encodeSafetensors(tensors, {
    baseSha256: update.baseSha256,
    roundNumber: String(update.roundNumber),
  });
}

/**
 * Reads an update of exactly this architecture.
 *
 * @throws {DomainError} "weights-invalid" for a broken file, "update-shape-mismatch" or "update-not-finite"
 */
export function decodeUpdate(config: ModelConfig, bytes: Uint8Array, origin: string): UpdateFile {
  const file = parseSafetensors(bytes, origin);
  for (const parameter of parameterTable(config).parameters) {
    const entry = file.tensors.get(parameter.name);
    if (entry?.dtype !== "F32" || entry.shape.join() !== parameter.shape.join()) {
      throw new DomainError(
        "update-shape-mismatch",
        `The ${origin} has ${entry === undefined ? "no tensor" : `shape [${entry.shape.join(", ")}] for`} "${parameter.name}", expected [${parameter.shape.join(", ")}].`,
      );
    }
    assertFinite(entry.bytes, { origin, name: parameter.name });
  }
  return {
    parameters: decodeWeights(config, bytes, origin),
    baseSha256: file.metadata.get("baseSha256") ?? "",
    roundNumber: Number(file.metadata.get("roundNumber")),
  };
}

function assertFinite(bytes: Uint8Array, tensor: { origin: string; name: string }): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let offset = 0; offset < bytes.byteLength; offset += 4) {
    const value = view.getFloat32(offset, true);
    if (Number.isFinite(value)) continue;
    throw new DomainError(
      "update-not-finite",
      `The ${tensor.origin} has ${value} in "${tensor.name}" at index ${offset / 4}, expected finite numbers.`,
    );
  }
}
