import { DomainError } from "@crossread/contracts/errors";
import { assertInScope } from "@crossread/db/site-scope";
import { z } from "zod";
import { authorise } from "../../server/access.ts";
import { assertSignedIn, type RouteContext } from "../../server/route-answer.ts";

/** A full-field mammogram at 50 µm and 16 bits has 58 MB. */
const largestFileBytes = 160 * 1024 * 1024;

const destinationSchema = z.strictObject({ siteId: z.uuid(), uploadId: z.uuid(), fileId: z.uuid() });

export interface ReceivedFile {
  readonly destination: { readonly siteId: string; readonly uploadId: string; readonly fileId: string };
  readonly body: ReadableStream<Uint8Array> | null;
  readonly declaredBytes: number | undefined;
}

/** Stores one file of an upload; its name stays with the sender, since names of files name patients. */
export async function receiveFile(context: RouteContext, file: ReceivedFile): Promise<Response> {
  const actor = assertSignedIn(context);
  const scope = authorise("studies.finishUpload", actor.memberships);
  const destination = destinationSchema.safeParse(file.destination);
  if (!destination.success) {
    throw new DomainError("usage", "A file is sent to /api/uploads/SITE/UPLOAD/FILE with three ids.");
  }
  const { siteId, uploadId, fileId } = destination.data;
  assertInScope(scope, siteId);
  if ((file.declaredBytes ?? 0) > largestFileBytes) throw tooLarge();
  const bytes = await collect(file.body);
  if (bytes.length === 0) throw new DomainError("image-truncated", "The file is empty.");
  await context.store.put(`uploads/${siteId}/${uploadId}/${fileId}`, bytes);
  return new Response(null, { status: 204 });
}

/** Stops reading at the limit, whatever length the sender declared. */
async function collect(body: ReadableStream<Uint8Array> | null): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let size = 0;
  const reader = body?.getReader();
  for (let read = await reader?.read(); read !== undefined && !read.done; read = await reader?.read()) {
    size += read.value.length;
    if (size > largestFileBytes) {
      await reader?.cancel();
      throw tooLarge();
    }
    parts.push(read.value);
  }
  const bytes = new Uint8Array(size);
  let offset = 0;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.length;
  }
  return bytes;
}

const tooLarge = () =>
  new DomainError(
    "usage",
    `A file may have at most ${largestFileBytes / 1024 / 1024} MiB; this one is larger.`,
  );
