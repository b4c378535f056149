import "server-only";
import { loadActor } from "./actor.ts";
import type { RequestContext } from "./context.ts";
import { database, queue } from "./services.ts";

export async function createRequestContext(): Promise<RequestContext> {
  return { actor: await loadActor(), db: database(), queue };
}
