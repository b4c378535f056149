import { errorCodes, isDomainError, DomainError } from "@crossread/contracts/errors";
import { refusalOfDatabase } from "@crossread/db/database-refusal";
import type { Actor } from "@crossread/db/people";
import { underScope, type RowScope } from "@crossread/db/row-scope";
import type { SiteScope } from "@crossread/db/site-scope";
import type { ObjectStore } from "@crossread/storage/object-store";
import type { Database } from "@crossread/db/database";
import { authorise, type ProcedureName } from "./access.ts";

/** What a route handler outside tRPC works with; handed in, so that its rules are tested without a server. */
export interface RouteContext {
  readonly actor: Actor | undefined;
  readonly db: Database;
  readonly store: ObjectStore;
}

interface AdmittedCaller {
  readonly actor: Actor;
  readonly scope: SiteScope;
  /** Its database shows the rows of the caller's scope. */
  readonly context: RouteContext;
}

/** A caller whose roles allow a procedure, with the database as that procedure would see it. */
export function admit(context: RouteContext, name: ProcedureName): AdmittedCaller {
  const actor = assertSignedIn(context);
  const scope = authorise(name, actor.memberships);
  return { actor, scope, context: withRows(context, { sites: scope, personId: actor.userId }) };
}

export const withRows = (context: RouteContext, scope: RowScope): RouteContext => ({
  ...context,
  db: underScope(context.db, scope),
});

type TrpcCode = (typeof errorCodes)[keyof typeof errorCodes]["trpc"];

const statuses: Readonly<Record<TrpcCode, number>> = {
  BAD_REQUEST: 400,
  UNAUTHORIZED: 401,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  CONFLICT: 409,
  UNPROCESSABLE_CONTENT: 422,
  TOO_MANY_REQUESTS: 429,
  INTERNAL_SERVER_ERROR: 500,
  SERVICE_UNAVAILABLE: 503,
};

export function assertSignedIn(context: RouteContext): Actor {
  if (context.actor === undefined) {
    throw new DomainError("unauthenticated", "You are not signed in, or your session has ended.");
  }
  return context.actor;
}

export const statusOf = (error: DomainError): number => statuses[errorCodes[error.code].trpc];

/** The answer of a handler, or the status and sentence of the domain error that it threw. */
export async function answering(handle: () => Promise<Response>): Promise<Response> {
  try {
    return await handle();
  } catch (thrown) {
    const error = isDomainError(thrown) ? thrown : refusalOfDatabase(thrown);
    if (error === undefined) throw thrown;
    const headers = new Headers({ "cache-control": "no-store" });
    const { retryAfterSeconds } = error.details;
    if (typeof retryAfterSeconds === "number") headers.set("retry-after", String(retryAfterSeconds));
    return Response.json({ code: error.code, message: error.message }, { status: statusOf(error), headers });
  }
}
