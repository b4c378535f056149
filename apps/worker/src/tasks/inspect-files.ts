import { sha256Of } from "@crossread/storage/content";
import { errorCodes, isDomainError } from "@crossread/contracts/errors";
import type { FileOutcome } from "./file-outcome.ts";
import { ingestFile } from "./ingest-file.ts";
import { remedyOf } from "./refusal-remedies.ts";
import type { TaskContext } from "./task-context.ts";
import type { TaskInput, TaskOutput } from "./task-contracts.ts";

interface InspectionRules {
  readonly siteKey: Uint8Array;
  readonly pixelRules: TaskInput<"inspect-files">["pixelRules"];
}

type StagedInput = TaskInput<"inspect-files">["files"][number];

/** Looks at staged files one after the other; what they are is reported, not what they are called. */
export async function inspectFiles(
  input: TaskInput<"inspect-files">,
  context: TaskContext<"inspect-files">,
): Promise<TaskOutput<"inspect-files">> {
  const read = (file: StagedInput | undefined) => (file === undefined ? undefined : load(context, file));
  const siteKey = new Uint8Array(Buffer.from(input.siteKey, "base64"));
  const rules = { siteKey, pixelRules: input.pixelRules };
  let next = read(input.files[0]);
  for (const [index, file] of input.files.entries()) {
    const bytes = await next;
    // The next file is read while this one is decoded.
    next = read(input.files[index + 1]);
    await context.emit({ index, outcome: await outcomeOf(file, bytes, { ...context, ...rules }) });
  }
  return { count: input.files.length };
}

/** A blob that is gone is an outcome, not a failure: another worker may have settled the file. */
async function load(
  context: TaskContext<"inspect-files">,
  file: StagedInput,
): Promise<Uint8Array | undefined> {
  try {
    return await context.store.get(file.key);
  } catch (error) {
    if (isDomainError(error) && error.code === "blob-missing") return undefined;
    throw error;
  }
}

async function outcomeOf(
  file: StagedInput,
  bytes: Uint8Array | undefined,
  context: TaskContext<"inspect-files"> & InspectionRules,
): Promise<FileOutcome> {
  const sha256 = bytes === undefined ? (file.sha256 ?? sha256Of(Buffer.from(file.key))) : sha256Of(bytes);
  const name = `file ${sha256.slice(0, 8)}`;
  const refuse = (code: string, message: string): FileOutcome => ({
    ok: false,
    sha256: file.sha256 ?? sha256,
    sizeBytes: bytes?.length ?? 0,
    code,
    message,
    remedy: remedyOf(code),
  });
  if (bytes === undefined) return refuse("blob-missing", `The staged bytes of ${name} are gone.`);
  if (file.sha256 !== null && sha256 !== file.sha256) {
    return refuse("blob-digest-mismatch", `The staged bytes of ${name} are not those that were sent.`);
  }
  try {
    const { pixelRules, siteKey, store } = context;
    const { decided, key } = file;
    return await ingestFile(store, { bytes, sha256, name, siteKey, key, decided, pixelRules });
  } catch (error) {
    // Storage that is away now can be there later; anything else is the file's own doing.
    if (isDomainError(error) && errorCodes[error.code].retryable) throw error;
    const kind = error instanceof Error ? error.name : "error";
    return refuse("image-unreadable", `An image must be readable, but ${name} ends its decoder (${kind}).`);
  }
}
