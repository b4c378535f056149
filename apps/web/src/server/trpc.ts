import "server-only";
import { errorCodes, isDomainError, DomainError } from "@crossread/contracts/errors";
import { refusalOfDatabase } from "@crossread/db/database-refusal";
import { underScope } from "@crossread/db/row-scope";
import { initTRPC, TRPCError } from "@trpc/server";
import superjson from "superjson";
import { access, authorise, type ProcedureName } from "./access.ts";
import type { RequestContext } from "./context.ts";

const t = initTRPC.context<RequestContext>().create({
  transformer: superjson,
  // A stream ends after five minutes and is opened anew: a revoked session sees no more than that.
  sse: {
    maxDurationMs: 300_000,
    ping: { enabled: true, intervalMs: 3_000 },
    client: { reconnectAfterInactivityMs: 8_000 },
  },
  errorFormatter({ shape, error }) {
    const domainCode = isDomainError(error.cause) ? error.cause.code : undefined;
    // Anything unforeseen may quote a row: it goes to the log, not to the page.
    const isUnforeseen = error.code === "INTERNAL_SERVER_ERROR" && domainCode === undefined;
    return {
      ...shape,
      message: isUnforeseen ? "Something failed on the server. The error is in its log." : shape.message,
      data: { code: shape.data.code, httpStatus: shape.data.httpStatus, path: shape.data.path, domainCode },
    };
  },
});

/** The only translation of a domain error's code into tRPC's; undefined for what nobody foresaw. */
function translate(error: unknown): TRPCError | undefined {
  const refusal = isDomainError(error) ? error : refusalOfDatabase(error);
  if (refusal === undefined) return undefined;
  return new TRPCError({ code: errorCodes[refusal.code].trpc, message: refusal.message, cause: refusal });
}

const translated = t.middleware(async ({ next }) => {
  const result = await next();
  if (!result.ok) {
    const refusal = translate(result.error.cause);
    if (refusal !== undefined) throw refusal;
    return result;
  }
  return isStream(result.data) ? { ...result, data: translatedStream(result.data) } : result;
});

const isStream = (data: unknown): data is AsyncIterable<unknown> =>
  typeof data === "object" && data !== null && Symbol.asyncIterator in data;

/** A subscription fails when it is read, long after its procedure has answered. */
async function* translatedStream(values: AsyncIterable<unknown>): AsyncGenerator<unknown> {
  try {
    yield* values;
  } catch (error) {
    throw translate(error) ?? error;
  }
}

/** A procedure under its row of the access table; mounted under another name it refuses to answer. */
export const procedure = (name: ProcedureName) =>
  t.procedure.use(translated).use(({ ctx, path, next }) => {
    if (path !== name || !(name in access)) {
      throw new DomainError("forbidden", `Procedure ${path} has no row in the access table.`);
    }
    if (ctx.actor === undefined) {
      throw new DomainError("unauthenticated", "You are not signed in, or your session has ended.");
    }
    const scope = authorise(name, ctx.actor.memberships);
    const db = underScope(ctx.db, { sites: scope, personId: ctx.actor.userId });
    return next({ ctx: { ...ctx, actor: ctx.actor, scope, db } });
  });

export const router = t.router;
export const createCallerFactory = t.createCallerFactory;
