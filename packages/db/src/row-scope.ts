import { AsyncLocalStorage } from "node:async_hooks";
import type { Database } from "./database.ts";
import type { SiteScope } from "./site-scope.ts";

/** What PostgreSQL's row-level security shows on a connection (prisma/migrations/20261123190000_row_level_security). */
export interface RowScope {
  readonly sites: SiteScope;
  /** Whose own readings and arbitrations are seen beyond the sites. */
  readonly personId: string | null;
  /** Why somebody who holds single sites is answered from all of them. */
  readonly purpose?: CrossSitePurpose;
}

/** All there is: what they say leaves a site as a figure or names no patient. */
export type CrossSitePurpose =
  "session" | "api token" | "demonstration accounts" | "cohort figures" | "reader study figures" | "ranks";

/** Rows without a site, and no others. */
export const noRows: RowScope = { sites: [], personId: null };

/** Carries the scope of one operation from the handle that it was called on to the connection that it gets. */
export const operationScope = new AsyncLocalStorage<RowScope>();

/** Makes a handle on the same connections for another scope. */
type Rescope = (scope: RowScope) => Database;

const rescopes = new WeakMap<Database, Rescope>();

/** The handle can be bound to another scope from now on. */
export function allowRescoping(handle: Database, rescope: Rescope): Database {
  rescopes.set(handle, rescope);
  return handle;
}

/**
 * A handle that sees the rows of a scope, for one request. It carries its scope itself: a stream that is read later, a
 * subscription or a timer sees what the request did. The tables' owner (worker, command lines, migrations) is not
 * subject to row-level security; its handle is given back as it is.
 */
export function underScope(db: Database, scope: RowScope): Database {
  const rescope = rescopes.get(db);
  return rescope === undefined ? db : rescope(scope);
}

/** For what the data layer answers from all sites to people of one; the purpose is shown by pg_stat_activity. */
export function acrossSites(db: Database, purpose: CrossSitePurpose): Database {
  return underScope(db, { sites: "all", personId: null, purpose });
}
