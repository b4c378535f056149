import { DomainError } from "@crossread/contracts/errors";
import { sqlStatesOf } from "./data-fault.ts";

/** Prisma's codes, and PostgreSQL's where Prisma hands them on. */
const missingRow = new Set(["P2003", "P2025", "23503"]);
/** A transaction that did not begin or end in time, one that met another one, a lock that was not had. */
const busy = new Set(["P2028", "P2034", "40001", "40P01", "55P03"]);

/**
 * What a failure of the database means to whoever asked, where it is no fault of ours: an id that names nothing (any
 * more), or a moment at which others were at work. Undefined for every other one.
 */
export function refusalOfDatabase(error: unknown): DomainError | undefined {
  const states = sqlStatesOf(error);
  if (states.some((state) => missingRow.has(state))) {
    const message = "Something that this names does not exist, or not any more.";
    return new DomainError("not-found", message, { cause: error });
  }
  if (states.some((state) => busy.has(state))) {
    const message = "Too much is written at this moment. Nothing was changed: try again.";
    return new DomainError("busy", message, { cause: error, details: { retryAfterSeconds: 2 } });
  }
  return undefined;
}
