import { PrismaPg } from "@prisma/adapter-pg";
import { transactionOptions, type Database } from "./database.ts";
import { PrismaClient } from "./generated/client.ts";
import { allowRescoping, noRows, operationScope, type RowScope } from "./row-scope.ts";
import { ScopedPool } from "./scoped-pool.ts";

/** For the web application: sees no row of any site until a request's scope is put on it with `underScope`. */
export function openWebDatabase(connectionString: string, options: { max?: number } = {}): Database {
  const pool = new ScopedPool({ connectionString, ...options });
  const adapter = new PrismaPg(pool, { disposeExternalPool: true });
  const client = new PrismaClient({ adapter, transactionOptions });
  keepScopesApart(client);
  const handles = new Map<string, Database>();
  const handleFor = (scope: RowScope): Database => {
    const key = JSON.stringify(scope);
    const known = handles.get(key);
    if (known !== undefined) return known;
    const handle = allowRescoping(handleOf(client, scope), handleFor);
    handles.set(key, handle);
    const oldest = handles.keys().next().value;
    if (handles.size > mostHandles && oldest !== undefined) handles.delete(oldest);
    return handle;
  };
  return handleFor(noRows);
}

/** Making one takes longer than most statements; one has a few kilobytes. */
const mostHandles = 1_000;

function handleOf(client: PrismaClient, scope: RowScope): Database {
  const handle = client.$extends({
    query: {
      // Prisma's promises begin when they are awaited: that has to be in here.
      $allOperations: ({ args, query }) => operationScope.run(scope, async () => await query(args)),
    },
    client: {
      // The connection of a transaction has its scope from the start: what happens in it needs no handle.
      $transaction: (...given: Parameters<PrismaClient["$transaction"]>) =>
        operationScope.run(scope, () => client.$transaction(...given)),
    },
  });
  // The same operations; the type of an extended client leaves out `$on` only.
  return handle as unknown as Database;
}

interface LoaderOptions {
  batchBy: (request: object) => string | undefined;
  singleLoader: (request: object) => Promise<unknown>;
  batchLoader: (requests: object[]) => Promise<unknown>;
}

/**
 * Look-ups by a unique key that are asked for in one turn of the event loop are one statement in Prisma, whoever asks,
 * and it runs in the context of the first of them. Here those of one scope are, and it runs in theirs. Prisma offers no
 * way to say so: this reaches into its request handler, and refuses to start where that has changed.
 */
function keepScopesApart(client: PrismaClient): void {
  const options = loaderOptionsOf(client);
  const { batchBy, batchLoader, singleLoader } = options;
  const scopes = new WeakMap<object, RowScope>();
  const within = <TValue>(request: object | undefined, run: () => TValue): TValue =>
    operationScope.run((request && scopes.get(request)) ?? noRows, run);
  options.batchBy = (request) => {
    const scope = operationScope.getStore() ?? noRows;
    scopes.set(request, scope);
    const batch = batchBy(request);
    return batch === undefined ? undefined : `${JSON.stringify(scope)} ${batch}`;
  };
  options.singleLoader = (request) => within(request, () => singleLoader(request));
  options.batchLoader = (requests) => within(requests[0], () => batchLoader(requests));
}

function loaderOptionsOf(client: PrismaClient): LoaderOptions {
  const { _requestHandler: handler } = client as unknown as {
    _requestHandler?: { dataloader?: { options?: Partial<LoaderOptions> } };
  };
  const options = handler?.dataloader?.options;
  for (const name of ["batchBy", "singleLoader", "batchLoader"] as const) {
    if (typeof options?.[name] !== "function") {
      throw new Error(
        `Prisma's request handler has no ${name} any more: scopes could be mixed in one statement.`,
      );
    }
  }
  return options as LoaderOptions;
}
