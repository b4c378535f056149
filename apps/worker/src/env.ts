import { availableParallelism } from "node:os";
import { parseDatasetSource, type DatasetSource } from "@crossread/contracts/dataset-source";
import { DomainError } from "@crossread/contracts/errors";
import { allocatorSettings } from "@crossread/model/allocator-settings";
import { parseMasterKey } from "@crossread/db/site-key";
import { z } from "zod";
import type { StoreSettings } from "./blob-store.ts";

const text = z.string().min(1);
const optionalText = z
  .string()
  .optional()
  .transform((value) => (value === "" ? undefined : value));

const environmentSchema = z.object({
  DATABASE_URL: text,
  REDIS_URL: optionalText,
  CROSSREAD_MASTER_KEY: text,
  CROSSREAD_MASTER_KEY_PREVIOUS: optionalText,
  BLOB_DIRECTORY: optionalText,
  S3_ENDPOINT: optionalText,
  S3_BUCKET: optionalText,
  S3_REGION: optionalText,
  S3_ACCESS_KEY_ID: optionalText,
  S3_SECRET_ACCESS_KEY: optionalText,
  CROSSREAD_DEMO: optionalText,
  CROSSREAD_CONTENT: z.enum(["demonstration", "dataset", "empty"]).optional(),
  CROSSREAD_DATASET: optionalText,
  CROSSREAD_ENGINE: optionalText,
  CROSSREAD_THREADS: z.coerce.number().int().min(1).max(256).optional(),
  CROSSREAD_CHILD_PROCESSES: z.coerce.number().int().min(1).max(64).optional(),
  CROSSREAD_IMAGENET_WEIGHTS: optionalText,
  CROSSREAD_HELD_GIB: z.preprocess(
    (value) => (value === "" ? undefined : value),
    z.coerce.number().positive().default(20),
  ),
  CROSSREAD_LOCK_SECONDS: z.coerce.number().min(1).max(600).optional(),
  CROSSREAD_DIMSE_PORT: z.preprocess(
    (value) => (value === "" ? undefined : value),
    z.coerce.number().int().min(1).max(65_535).optional(),
  ),
  CROSSREAD_DIMSE_HOST: optionalText,
  LOG_LEVEL: z.enum(["trace", "debug", "info", "warn", "error", "fatal", "silent"]).default("info"),
});

export interface Environment {
  readonly databaseUrl: string;
  readonly redisUrl: string | undefined;
  readonly store: StoreSettings;
  readonly masterKey: Uint8Array;
  /** For rotate-master-key only. */
  readonly previousMasterKey: Uint8Array | undefined;
  readonly isDemonstration: boolean;
  readonly content: "demonstration" | "dataset" | "empty";
  readonly dataset: DatasetSource | undefined;
  readonly engine: { readonly name: string; readonly threadCount: number };
  /** Processes that train or predict at the same time. */
  readonly childProcessCount: number;
  /** safetensors of torchvision or timm that start every EfficientNet-B0 run; random weights where absent. */
  readonly imageNetWeightsFile: string | undefined;
  readonly lockDurationMs: number;
  /** What may be kept of one site's files until a person decides about their pixels. */
  readonly heldBytesLimit: number;
  /** Where senders of images reach the worker over DICOM's own protocol; off where no port is named. */
  readonly dimse: { readonly host: string; readonly port: number } | undefined;
  readonly logLevel: string;
}

/** Reads the environment once, at start; one sentence names what is wrong. */
export function parseEnvironment(variables: NodeJS.ProcessEnv = process.env): Environment {
  const parsed = environmentSchema.safeParse(variables);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const name = issue?.path.join(".") ?? "";
    throw new DomainError(
      "environment-invalid",
      `The environment variable ${name} is not valid: ${issue?.message ?? "unknown"}.`,
    );
  }
  const values = parsed.data;
  const isDemonstration = values.CROSSREAD_DEMO === "1";
  const threadCount = values.CROSSREAD_THREADS ?? 1;
  return {
    databaseUrl: values.DATABASE_URL,
    redisUrl: values.REDIS_URL,
    masterKey: parseMasterKey(values.CROSSREAD_MASTER_KEY),
    previousMasterKey:
      values.CROSSREAD_MASTER_KEY_PREVIOUS === undefined
        ? undefined
        : parseMasterKey(values.CROSSREAD_MASTER_KEY_PREVIOUS, "CROSSREAD_MASTER_KEY_PREVIOUS"),
    store: storeSettings(values),
    isDemonstration,
    content: values.CROSSREAD_CONTENT ?? (isDemonstration ? "demonstration" : "empty"),
    dataset: datasetOf(values.CROSSREAD_DATASET),
    engine: { name: values.CROSSREAD_ENGINE ?? "onnx", threadCount },
    childProcessCount:
      values.CROSSREAD_CHILD_PROCESSES ?? Math.max(1, Math.floor(availableParallelism() / threadCount)),
    imageNetWeightsFile: values.CROSSREAD_IMAGENET_WEIGHTS,
    heldBytesLimit: values.CROSSREAD_HELD_GIB * 2 ** 30,
    lockDurationMs: (values.CROSSREAD_LOCK_SECONDS ?? 30) * 1_000,
    dimse:
      values.CROSSREAD_DIMSE_PORT === undefined
        ? undefined
        : { host: values.CROSSREAD_DIMSE_HOST ?? "127.0.0.1", port: values.CROSSREAD_DIMSE_PORT },
    logLevel: values.LOG_LEVEL,
  };
}

function datasetOf(text: string | undefined): DatasetSource | undefined {
  const source = text === undefined ? undefined : parseDatasetSource(text);
  if (text !== undefined && source === undefined) {
    throw new DomainError(
      "environment-invalid",
      `CROSSREAD_DATASET takes mias=DIR or imported=DIR, got "${text}".`,
    );
  }
  return source;
}

function storeSettings(values: z.infer<typeof environmentSchema>): StoreSettings {
  if (values.S3_ENDPOINT === undefined) {
    if (values.BLOB_DIRECTORY === undefined) {
      throw new DomainError("environment-invalid", "Set BLOB_DIRECTORY, or S3_ENDPOINT and its credentials.");
    }
    return { kind: "files", directory: values.BLOB_DIRECTORY };
  }
  const { S3_ACCESS_KEY_ID, S3_BUCKET, S3_ENDPOINT, S3_REGION, S3_SECRET_ACCESS_KEY } = values;
  if (S3_BUCKET === undefined || S3_ACCESS_KEY_ID === undefined || S3_SECRET_ACCESS_KEY === undefined) {
    throw new DomainError(
      "environment-invalid",
      "S3_ENDPOINT needs S3_BUCKET, S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY as well.",
    );
  }
  return {
    kind: "s3",
    endpoint: S3_ENDPOINT,
    bucket: S3_BUCKET,
    region: S3_REGION ?? "us-east-1",
    accessKeyId: S3_ACCESS_KEY_ID,
    secretAccessKey: S3_SECRET_ACCESS_KEY,
  };
}

/** Environment of a process that trains or predicts. */
export const computingEnvironment = (): NodeJS.ProcessEnv => ({ ...process.env, ...allocatorSettings });
