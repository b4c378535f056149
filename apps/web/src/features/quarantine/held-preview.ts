import { DomainError } from "@crossread/contracts/errors";
import { appendAudit } from "@crossread/db/audit";
import { loadHeldFile } from "@crossread/db/held-files";
import { z } from "zod";
import { admit, type RouteContext } from "../../server/route-answer.ts";

/** The pixels of a held file may name a person: only a coordinator of its site sees them, and the audit log says who did. */
export async function answerHeldPreview(given: RouteContext, refusedFileId: string): Promise<Response> {
  const { actor, context, scope } = admit(given, "quarantine.held");
  if (!z.uuid().safeParse(refusedFileId).success) {
    throw new DomainError("not-found", "There is no such file.");
  }
  const { previewKey, siteId } = await loadHeldFile(context.db, scope, refusedFileId);
  const bytes = await context.store.get(previewKey);
  await appendAudit(context.db, {
    actorId: actor.userId,
    siteId,
    action: "quarantine.look",
    entityKind: "refused-file",
    entityId: refusedFileId,
    details: {},
  });
  return new Response(new Uint8Array(bytes), {
    headers: {
      "content-type": "image/png",
      "cache-control": "private, no-store",
      "x-content-type-options": "nosniff",
    },
  });
}
