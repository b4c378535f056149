import { randomUUID } from "node:crypto";
import { openDatabase, type Database } from "@crossread/db/database";
import { migrate } from "@crossread/db/migrate";
import pg from "pg";
import { inject } from "vitest";

declare module "vitest" {
  interface ProvidedContext {
    postgresUrl: string;
  }
}

export interface TestDatabase extends AsyncDisposable {
  readonly db: Database;
  readonly connectionString: string;
}

/** A migrated database of its own on the test run's PostgreSQL; dropped on disposal. */
export async function testDatabase(): Promise<TestDatabase> {
  const server = inject("postgresUrl");
  const name = `test_${randomUUID().replaceAll("-", "")}`;
  await administer(server, `create database ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  const connectionString = url.toString();
  await migrate(connectionString);
  const db = openDatabase(connectionString);
  return {
    db,
    connectionString,
    async [Symbol.asyncDispose]() {
      await db.$disconnect();
      await administer(server, `drop database ${name} with (force)`);
    },
  };
}

async function administer(connectionString: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  await client.query(sql);
  await client.end();
}
