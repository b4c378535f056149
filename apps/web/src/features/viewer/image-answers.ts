import { DomainError } from "@crossread/contracts/errors";
import type { Database } from "@crossread/db/database";
import { loadImageBlobs, loadMapBlob, type ImageViewer } from "@crossread/db/image-access";
import { z } from "zod";
import { access, scopeOf } from "../../server/access.ts";
import { assertSignedIn, withRows, type RouteContext } from "../../server/route-answer.ts";
import { presentationCopy } from "./presentation-copy.ts";

/** Outside a reader study, images follow the row of the study page. */
function viewing(context: RouteContext): { viewer: ImageViewer; db: Database } {
  const { memberships, userId } = assertSignedIn(context);
  const scope = scopeOf(access["studies.load"], memberships) ?? [];
  const { db } = withRows(context, { sites: scope, personId: userId });
  return { viewer: { userId, scope }, db };
}

/** A path that is no id is as good as an id of nothing. */
function parseId(text: string): string {
  const parsed = z.uuid().safeParse(text);
  if (!parsed.success) throw new DomainError("not-found", "There is no such image.");
  return parsed.data;
}

const privately = (type: string, seconds: number) => ({
  "content-type": type,
  "cache-control": seconds === 0 ? "private, no-store" : `private, max-age=${seconds}`,
  "x-content-type-options": "nosniff",
});

/** The pixels of an image without anything that names patient, site or device: the same for every caller. */
export async function answerInstance(context: RouteContext, instanceId: string): Promise<Response> {
  const id = parseId(instanceId);
  const { db, viewer } = viewing(context);
  const { blobKey } = await loadImageBlobs(db, viewer, id);
  const copy = presentationCopy(await context.store.get(blobKey), `Image ${id}`);
  return new Response(copy, { headers: privately("application/dicom", 0) });
}

export async function answerThumbnail(context: RouteContext, instanceId: string): Promise<Response> {
  const id = parseId(instanceId);
  const { db, viewer } = viewing(context);
  const { thumbnailKey } = await loadImageBlobs(db, viewer, id);
  if (thumbnailKey === null) throw new DomainError("not-found", `Image ${id} has no thumbnail.`);
  const bytes = await context.store.get(thumbnailKey);
  return new Response(new Uint8Array(bytes), { headers: privately("image/png", 300) });
}

export async function answerMap(context: RouteContext, mapId: string): Promise<Response> {
  const { db, viewer } = viewing(context);
  const { blobKey } = await loadMapBlob(db, viewer, parseId(mapId));
  const bytes = await context.store.get(blobKey);
  return new Response(new Uint8Array(bytes), { headers: privately("image/png", 0) });
}
