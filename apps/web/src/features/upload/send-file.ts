/** The sending half of the upload protocol, with patience: what the network or the server delays is tried again. */
import {
  fileReceiptSchema,
  offsetConflictSchema,
  uploadLimits,
  type FileReceipt,
} from "@crossread/contracts/upload";

export type Delay = "network" | "server-busy";

export interface FileToSend {
  readonly siteId: string;
  readonly uploadId: string;
  readonly sha256: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

export interface SendOptions {
  readonly fetch: typeof globalThis.fetch;
  readonly signal: AbortSignal;
  /** Waits so long, or until the connection is back; rejects when the signal aborts. */
  readonly wait: (seconds: number, signal: AbortSignal) => Promise<void>;
  readonly onSent: (sentBytes: number) => void;
  /** Undefined when nothing is waited for any more. */
  readonly onDelay: (delay: { kind: Delay; seconds: number } | undefined) => void;
}

/** The server refused the file, or this session; trying again changes nothing. */
export class SendingRefused extends Error {
  readonly isSessionEnded: boolean;

  constructor(message: string, isSessionEnded: boolean) {
    super(message);
    this.name = "SendingRefused";
    this.isSessionEnded = isSessionEnded;
  }
}

const longestWaitSeconds = 30;
const digestFailuresAllowed = 3;

/** Asks what the server has of the file, and sends the rest in chunks. */
export async function sendFile(file: FileToSend, options: SendOptions): Promise<FileReceipt> {
  const { bytes } = file;
  let receipt = await request(file, { method: "GET" }, options);
  let digestFailures = 0;
  while (receipt.state === "receiving") {
    const offset = receipt.receivedBytes;
    options.onSent(offset);
    const body = bytes.subarray(offset, offset + uploadLimits.chunkBytes);
    const before = receipt;
    receipt = await request(file, { method: "PUT", offset, body }, options);
    if (receipt.state === "receiving" && receipt.receivedBytes <= before.receivedBytes) {
      digestFailures += 1;
      if (digestFailures > digestFailuresAllowed) {
        throw new SendingRefused("The file does not arrive as it was sent.", false);
      }
    }
  }
  options.onSent(bytes.length);
  return receipt;
}

interface Attempt {
  readonly method: "GET" | "PUT";
  readonly offset?: number;
  readonly body?: Uint8Array<ArrayBuffer>;
}

async function request(file: FileToSend, attempt: Attempt, options: SendOptions): Promise<FileReceipt> {
  const { fetch, signal } = options;
  const query = new URLSearchParams({ size: String(file.bytes.length) });
  if (attempt.offset !== undefined) query.set("offset", String(attempt.offset));
  const url = `/api/uploads/${file.siteId}/${file.uploadId}/files/${file.sha256}?${query}`;
  for (let failures = 0; ; failures += 1) {
    signal.throwIfAborted();
    const answer = await answerTo(url, attempt, { fetch, signal });
    const delay = delayAfter(answer, failures);
    if (delay === undefined && answer !== undefined) {
      options.onDelay(undefined);
      return readReceipt(answer);
    }
    if (delay === undefined) continue;
    options.onDelay(delay);
    await options.wait(delay.seconds, signal);
  }
}

interface Answer {
  readonly status: number;
  readonly retryAfter: string | null;
  readonly body: unknown;
}

/** Undefined where the connection was gone before the whole answer was there. */
async function answerTo(
  url: string,
  attempt: Attempt,
  { fetch, signal }: Pick<SendOptions, "fetch" | "signal">,
): Promise<Answer | undefined> {
  try {
    const response = await fetch(url, {
      method: attempt.method,
      signal,
      ...(attempt.body === undefined ? {} : { body: attempt.body }),
      headers: attempt.body === undefined ? {} : { "content-type": "application/octet-stream" },
    });
    // A session that has ended is led to the sign-in page.
    if (response.redirected) return { status: 401, retryAfter: null, body: undefined };
    const text = await response.text();
    const isJson = response.headers.get("content-type")?.startsWith("application/json") === true;
    const body: unknown = isJson ? JSON.parse(text) : undefined;
    return { status: response.status, retryAfter: response.headers.get("retry-after"), body };
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof TypeError || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** What to wait for before the same request is made again; undefined where the answer stands. */
function delayAfter(
  answer: Answer | undefined,
  failures: number,
): { kind: Delay; seconds: number } | undefined {
  const backoff = Math.min(longestWaitSeconds, 2 ** failures);
  if (answer === undefined) return { kind: "network", seconds: backoff };
  if (answer.status === 429 || answer.status === 503) {
    const told = Number(answer.retryAfter);
    return { kind: "server-busy", seconds: told > 0 ? Math.min(told, 300) : backoff };
  }
  return answer.status >= 500 ? { kind: "network", seconds: backoff } : undefined;
}

function readReceipt({ body, status }: Answer): FileReceipt {
  if (status === 200) return fileReceiptSchema.parse(body);
  const isNamed = typeof body === "object" && body !== null && "code" in body && "message" in body;
  const message =
    isNamed && typeof body.message === "string" ? body.message : `The server answered ${status}.`;
  if (isNamed && body.code === "chunk-misplaced") {
    return { state: "receiving", receivedBytes: offsetConflictSchema.parse(body).receivedBytes };
  }
  // Corrupted on its way: the server has thrown it away and begins anew.
  if (isNamed && body.code === "blob-digest-mismatch") return { state: "receiving", receivedBytes: 0 };
  throw new SendingRefused(message, status === 401);
}
