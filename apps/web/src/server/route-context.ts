import "server-only";
import { loadActor } from "./actor.ts";
import { blobs } from "./blobs.ts";
import type { RouteContext } from "./route-answer.ts";
import { database } from "./services.ts";

export async function createRouteContext(): Promise<RouteContext> {
  return { actor: await loadActor(), db: database(), store: blobs() };
}
