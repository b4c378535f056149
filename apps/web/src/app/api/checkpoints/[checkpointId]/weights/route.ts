import { isDomainError } from "@crossread/contracts/errors";
import { appendAudit } from "@crossread/db/audit";
import { mayHaveWeights } from "@crossread/db/blinding";
import { loadCheckpoint } from "@crossread/db/checkpoints";
import { underScope } from "@crossread/db/row-scope";
import { z } from "zod";
import { access, scopeOf } from "../../../../../server/access.ts";
import { loadActor } from "../../../../../server/actor.ts";
import { database, objectStore } from "../../../../../server/services.ts";

type RouteContext = { params: Promise<{ checkpointId: string }> };

export async function GET(_request: Request, context: RouteContext): Promise<Response> {
  const actor = await loadActor();
  if (actor === undefined) return new Response("You are not signed in.", { status: 401 });
  const scope = scopeOf(access["models.load"], actor.memberships);
  if (scope === undefined) {
    return new Response("None of your roles may download weights.", { status: 403 });
  }
  const { checkpointId } = await context.params;
  if (!z.uuid().safeParse(checkpointId).success) return new Response("No such checkpoint.", { status: 404 });
  const db = underScope(database(), { sites: scope, personId: actor.userId });
  if (!(await mayHaveWeights(db, { userId: actor.userId, checkpointId }))) {
    return new Response(
      "You still have to read cases with this model: its weights come after your reading.",
      {
        status: 403,
      },
    );
  }
  try {
    const checkpoint = await loadCheckpoint(db, checkpointId);
    const bytes = await objectStore().get(checkpoint.blobKey);
    await appendAudit(db, {
      actorId: actor.userId,
      siteId: null,
      action: "models.download",
      entityKind: "checkpoint",
      entityId: checkpointId,
      details: { sha256: checkpoint.sha256 },
    });
    return new Response(Buffer.from(bytes), {
      headers: {
        "content-type": "application/octet-stream",
        "content-length": String(bytes.byteLength),
        "content-disposition": `attachment; filename="${checkpoint.sha256.slice(0, 12)}.safetensors"`,
        etag: `"${checkpoint.sha256}"`,
        "cache-control": "private, no-store",
      },
    });
  } catch (error) {
    if (isDomainError(error) && (error.code === "not-found" || error.code === "blob-missing")) {
      return new Response(error.message, { status: 404 });
    }
    throw error;
  }
}
