import pg from "pg";
import { noRows, operationScope, type RowScope } from "./row-scope.ts";

/** Sees the sites of the setting. */
export const siteRole = "crossread_web";
/** Sees every site. */
export const allSitesRole = "crossread_web_all_sites";

type ConnectCallback = (
  error: Error | undefined,
  client: pg.PoolClient | undefined,
  done: (release?: boolean | Error) => void,
) => void;

/**
 * Connections that take the role and the settings of the operation they are handed to, before its first statement. A
 * transaction keeps its connection and with it its scope. Connections are handed on with the settings of whoever had
 * them before, and nobody gets one before its own are in place.
 */
export class ScopedPool extends pg.Pool {
  readonly #applied = new WeakMap<pg.PoolClient, string>();

  override connect(): Promise<pg.PoolClient>;
  override connect(callback: ConnectCallback): void;
  override connect(callback?: ConnectCallback): Promise<pg.PoolClient> | void {
    // Read now: waiting for a free connection ends in the context of whoever gives one back.
    const connected = this.#connectWithin(operationScope.getStore() ?? noRows);
    if (callback === undefined) return connected;
    void handTo(callback, connected);
  }

  async #connectWithin(scope: RowScope): Promise<pg.PoolClient> {
    const client = await super.connect();
    try {
      await this.#apply(client, scope);
      return client;
    } catch (error) {
      // Nobody knows what it would show.
      client.release(true);
      throw error;
    }
  }

  async #apply(client: pg.PoolClient, scope: RowScope): Promise<void> {
    const settings = settingsOf(scope);
    const key = settings.join(" ");
    const applied = this.#applied.get(client);
    if (applied === key) return;
    this.#applied.delete(client);
    await client.query({ name: "crossread-scope", text: applySettings, values: settings });
    if (applied === undefined) await assertNotBypassed(client);
    this.#applied.set(client, key);
  }
}

async function handTo(callback: ConnectCallback, connected: Promise<pg.PoolClient>): Promise<void> {
  let client: pg.PoolClient;
  try {
    client = await connected;
  } catch (error) {
    callback(error instanceof Error ? error : new Error(String(error)), undefined, () => undefined);
    return;
  }
  callback(undefined, client, (release) => client.release(release));
}

const applySettings = `SELECT set_config('role', $1, false), set_config('crossread.sites', $2, false),
  set_config('crossread.person', $3, false), set_config('application_name', $4, false)`;

function settingsOf({ personId, purpose, sites }: RowScope): string[] {
  return [
    sites === "all" ? allSitesRole : siteRole,
    sites === "all" ? "" : sites.join(","),
    personId ?? "",
    purpose === undefined ? "crossread web" : `crossread web: ${purpose}`,
  ];
}

/** A superuser's role, one with BYPASSRLS or the tables' owner under the name of ours would see everything. */
async function assertNotBypassed(client: pg.PoolClient): Promise<void> {
  const { rows } = await client.query<{ role: string; isGuarded: boolean }>(
    `SELECT current_user AS role, coalesce(row_security_active(to_regclass('cases')), false) AS "isGuarded"`,
  );
  const [row] = rows;
  if (row?.isGuarded === true) return;
  throw new Error(
    `Row-level security is not in force for the role ${row?.role ?? "?"}: it must be neither a superuser nor the tables' owner, nor have BYPASSRLS. See docs/row-level-security.md.`,
  );
}
