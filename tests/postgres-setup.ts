import { chmod, mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import type {} from "./test-database.ts";
import { startEmbeddedPostgres } from "../scripts/platform/embedded-postgres.ts";

/** One PostgreSQL for all integration tests of a run; CROSSREAD_TEST_DATABASE_URL names another one to use. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const configured = process.env["CROSSREAD_TEST_DATABASE_URL"];
  if (configured !== undefined && configured !== "") {
    project.provide("postgresUrl", configured);
    return async () => undefined;
  }
  const directory = await mkdtemp(join(tmpdir(), "crossread-test-postgres-"));
  // Run by root, the server belongs to another user who must be able to enter.
  await chmod(directory, 0o755);
  const server = await startEmbeddedPostgres({
    dataDirectory: join(directory, "data"),
    port: await freePort(),
    password: "test",
  });
  project.provide("postgresUrl", server.connectionString);
  return async () => {
    await server.stop();
    await rm(directory, { recursive: true, force: true });
  };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}
