import { randomUUID } from "node:crypto";
import { openDatabase, type Database } from "@crossread/db/database";
import { migrate } from "@crossread/db/migrate";
import { openWebDatabase } from "@crossread/db/web-database";
import pg from "pg";
import { inject } from "vitest";

declare module "vitest" {
  interface ProvidedContext {
    postgresUrl: string;
  }
}

export interface TestDatabase extends AsyncDisposable {
  /** As the owner of the tables: what a test arranges and looks at. */
  readonly db: Database;
  /** As the web application, under row-level security: what a test calls the application with. */
  readonly web: Database;
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
  const web = openWebDatabase(connectionString, { max: 4 });
  return {
    db,
    web,
    connectionString,
    async [Symbol.asyncDispose]() {
      await db.$disconnect();
      await web.$disconnect();
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
