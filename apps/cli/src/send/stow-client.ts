/** STOW-RS as a client (PS3.18 10.5): one batch a request, sent again while the platform is busy or out of reach. */
import { randomUUID } from "node:crypto";
import { DomainError } from "@crossread/contracts/errors";
import { z } from "zod";

export interface StowTarget {
  /** Address of the DICOMweb service, without a slash at its end. */
  readonly url: string;
  readonly token: string;
  readonly wait: (ms: number) => Promise<void>;
  readonly onWait?: (reason: string, ms: number) => void;
}

export interface SentFile {
  readonly sopInstanceUid: string;
  readonly bytes: Uint8Array;
}

export interface StowRefusal {
  readonly sopInstanceUid: string;
  /** (0008,1197) Failure Reason. */
  readonly failureReason: number;
}

const attempts = 8;
const longestWaitMs = 60_000;

const referenceSchema = z.object({
  "00081155": z.object({ Value: z.array(z.string()).optional() }).optional(),
  "00081197": z.object({ Value: z.array(z.number()).optional() }).optional(),
});
const sequenceSchema = z.object({ Value: z.array(referenceSchema).optional() }).optional();
const answerSchema = z.object({ "00081198": sequenceSchema, "00081199": sequenceSchema });

/** Instances that the platform refused at the door; all others of the batch are in its keeping. */
export async function storeBatch(files: readonly SentFile[], target: StowTarget): Promise<StowRefusal[]> {
  const boundary = `crossread-${randomUUID()}`;
  const body = multipart(
    files.map(({ bytes }) => bytes),
    boundary,
  );
  for (let attempt = 1; ; attempt++) {
    const answer = await post(body, boundary, target);
    if (answer.kind === "answered") return refusalsOf(answer.text);
    if (answer.kind === "refused" || attempt === attempts) throw new DomainError("conflict", answer.message);
    const waitMs = Math.min(longestWaitMs, answer.retryAfterMs ?? 500 * 2 ** attempt);
    target.onWait?.(answer.message, waitMs);
    await target.wait(waitMs);
  }
}

type Answer =
  | { readonly kind: "answered"; readonly text: string }
  | { readonly kind: "refused"; readonly message: string }
  | { readonly kind: "later"; readonly message: string; readonly retryAfterMs: number | undefined };

async function post(body: Blob, boundary: string, target: StowTarget): Promise<Answer> {
  let response: Response;
  let text: string;
  try {
    response = await fetch(`${target.url}/studies`, {
      method: "POST",
      body,
      redirect: "error",
      headers: {
        authorization: `Bearer ${target.token}`,
        accept: "application/dicom+json",
        "content-type": `multipart/related; type="application/dicom"; boundary=${boundary}`,
      },
    });
    text = await response.text();
  } catch {
    return { kind: "later", message: `${target.url} is out of reach.`, retryAfterMs: undefined };
  }
  // 409 says of every single instance why it was not taken.
  if (response.ok || (response.status === 409 && text.includes("00081198")))
    return { kind: "answered", text };
  const message = `${target.url} answered ${response.status}: ${messageOf(text)}`;
  if (response.status === 429 || response.status >= 500) {
    const seconds = Number(response.headers.get("retry-after"));
    return { kind: "later", message, retryAfterMs: seconds > 0 ? seconds * 1_000 : undefined };
  }
  return { kind: "refused", message };
}

function messageOf(text: string): string {
  try {
    return z.object({ message: z.string() }).parse(JSON.parse(text)).message;
  } catch {
    return "no reason given.";
  }
}

function refusalsOf(text: string): StowRefusal[] {
  let answer: unknown;
  try {
    answer = JSON.parse(text);
  } catch (error) {
    throw new DomainError("conflict", "The answer is no DICOM JSON: is the address that of Crossread?", {
      cause: error,
    });
  }
  const parsed = answerSchema.safeParse(answer);
  if (!parsed.success) {
    throw new DomainError("conflict", "The answer is none of STOW-RS: is the address that of Crossread?");
  }
  return (parsed.data["00081198"]?.Value ?? []).map((item) => ({
    sopInstanceUid: item["00081155"]?.Value?.[0] ?? "",
    failureReason: item["00081197"]?.Value?.[0] ?? 0,
  }));
}

function multipart(files: readonly Uint8Array[], boundary: string): Blob {
  const parts = files.flatMap((bytes) => [
    `--${boundary}\r\nContent-Type: application/dicom\r\nContent-Length: ${bytes.length}\r\n\r\n`,
    new Uint8Array(bytes),
    "\r\n",
  ]);
  return new Blob([...parts, `--${boundary}--\r\n`]);
}
