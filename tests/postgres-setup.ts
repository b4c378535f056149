import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import type {} from "./test-database.ts";
import { startEmbeddedPostgres, type RunningPostgres } from "../scripts/platform/embedded-postgres.ts";
import { findFreePort } from "../scripts/platform/ports.ts";

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
  const server = await start(join(directory, "data"));
  project.provide("postgresUrl", server.connectionString);
  return async () => {
    await server.stop();
    await rm(directory, { recursive: true, force: true });
  };
}

/** A port that was free a moment ago may be somebody else's by now. */
async function start(dataDirectory: string, attempts = 3): Promise<RunningPostgres> {
  const port = await findFreePort();
  try {
    return await startEmbeddedPostgres({ dataDirectory, port, password: "test" });
  } catch (error) {
    if (attempts === 1) throw error;
    return start(dataDirectory, attempts - 1);
  }
}
