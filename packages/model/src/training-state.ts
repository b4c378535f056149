import { createHash } from "node:crypto";
import { DomainError } from "@crossread/contracts/errors";
import { z } from "zod";
import type { ModelConfig } from "./config.ts";
import { canonicalJson } from "./digest.ts";
import type { Example } from "./example.ts";
import type { LocalPlan } from "./local-plan.ts";
import type { Normalisation } from "./normalisation.ts";
import type { ModelParameters } from "./parameter-table.ts";
import { encodeSafetensors, floatValues, parseSafetensors } from "./safetensors.ts";

export const epochSummarySchema = z.strictObject({
  epoch: z.int().min(1),
  /** Mean over the epoch's steps. */
  trainLoss: z.number(),
  /** Null where there is no tuning example. */
  tuningLoss: z.number().nullable(),
  /** Null where the tuning examples lack a class. */
  tuningAuc: z.number().nullable(),
  /** Mean over the epoch's steps. */
  gradientNorm: z.number(),
});
export type EpochSummary = Readonly<z.infer<typeof epochSummarySchema>>;

const stateHeaderSchema = z.strictObject({
  format: z.literal("crossread-training-state"),
  version: z.literal(1),
  /** Of everything that decides the course; see `trainingFingerprint`. */
  fingerprint: z.string().regex(/^[0-9a-f]{64}$/),
  completedEpochs: z.int().min(0),
  /** Steps taken by Adam, which starts anew when frozen parts join. */
  optimizerStep: z.int().min(0),
  /** Of every step taken. */
  losses: z.array(z.number()),
  gradientNorms: z.array(z.number()),
  history: z.array(epochSummarySchema),
  best: z.strictObject({ epoch: z.int().min(1), loss: z.number() }).nullable(),
  isStoppedEarly: z.boolean(),
});
type StateHeader = z.infer<typeof stateHeaderSchema>;

/** All that a training needs to go on as if it had never stopped; random streams follow from the seed and the step. */
export interface TrainingState extends Readonly<Omit<StateHeader, "format" | "version">> {
  readonly parameters: ModelParameters;
  readonly firstMoment: Float32Array;
  readonly secondMoment: Float32Array;
  /** Of the best epoch so far; present with `best`. */
  readonly bestParameters?: ModelParameters;
}

/** One file: tensors, and the rest as JSON in the header, so that it is there whole or not at all. */
export function encodeTrainingState(state: TrainingState): Uint8Array<ArrayBuffer> {
  const { bestParameters, firstMoment, parameters, secondMoment, ...rest } = state;
  const header: StateHeader = { format: "crossread-training-state", version: 1, ...rest };
  const tensors = {
    trainable: parameters.trainable,
    statistics: parameters.statistics,
    firstMoment,
    secondMoment,
    ...(bestParameters && {
      bestTrainable: bestParameters.trainable,
      bestStatistics: bestParameters.statistics,
    }),
  };
  return encodeSafetensors(
    Object.entries(tensors).map(([name, values]) => ({ name, shape: [values.length], values })),
    { state: canonicalJson(header) },
  );
}

/**
 * @param origin - name of the file for messages
 * @throws {DomainError} "checkpoint-invalid", "weights-invalid"
 */
export function decodeTrainingState(bytes: Uint8Array, origin: string): TrainingState {
  const file = parseSafetensors(bytes, origin);
  const { best, ...header } = parseHeader(file.metadata.get("state"), origin);
  const read = (name: string): Float32Array => {
    const entry = file.tensors.get(name);
    if (entry === undefined) {
      throw new DomainError("checkpoint-invalid", `The training state lacks "${name}" (${origin}).`);
    }
    return floatValues(entry, name);
  };
  const { format: _format, version: _version, ...fields } = header;
  return {
    ...fields,
    best,
    parameters: { trainable: read("trainable"), statistics: read("statistics") },
    firstMoment: read("firstMoment"),
    secondMoment: read("secondMoment"),
    ...(best !== null && {
      bestParameters: { trainable: read("bestTrainable"), statistics: read("bestStatistics") },
    }),
  };
}

function parseHeader(text: string | undefined, origin: string): StateHeader {
  try {
    return stateHeaderSchema.parse(JSON.parse(text ?? ""));
  } catch (cause) {
    throw new DomainError("checkpoint-invalid", `${origin} is not a training state of this version.`, {
      cause,
    });
  }
}

/**
 * SHA-256 over everything that decides the course of a training: a state may continue only the training it came from.
 *
 * @complexity O(all pixels)
 */
export function trainingFingerprint(training: {
  readonly engineName: string;
  readonly config: ModelConfig;
  readonly start: ModelParameters;
  readonly train: readonly Example[];
  readonly tuning: readonly Example[];
  readonly normalisation: Normalisation;
  readonly plan: LocalPlan;
  readonly seed: number;
}): string {
  const { config, engineName, normalisation, plan, seed, start, train, tuning } = training;
  const hash = createHash("sha256");
  const addFloats = ({ buffer, byteLength, byteOffset }: Float32Array) =>
    hash.update(new Uint8Array(buffer, byteOffset, byteLength));
  hash.update(canonicalJson({ config, engineName, normalisation, plan, seed }));
  addFloats(start.trainable);
  addFloats(start.statistics);
  for (const [name, examples] of Object.entries({ train, tuning })) {
    hash.update(`${name} ${examples.length}\n`);
    for (const { exampleId, label, pixels } of examples) {
      hash.update(`${exampleId}\t${label}\n`);
      addFloats(pixels);
    }
  }
  return hash.digest("hex");
}
