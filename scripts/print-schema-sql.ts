import { tmpdir } from "node:os";
import { join } from "node:path";
import { schemaSql } from "@crossread/db/migrate";
import { startEmbeddedPostgres } from "./platform/embedded-postgres.ts";

/** Prints the SQL of the whole datamodel; compare it with the migrations to write the next one. */
const server = await startEmbeddedPostgres({
  dataDirectory: join(tmpdir(), "crossread-schema-sql"),
  port: 54_991,
  password: "schema",
});
process.stdout.write(await schemaSql(server.connectionString));
await server.stop();
