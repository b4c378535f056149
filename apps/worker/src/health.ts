import { hostname } from "node:os";
import { openDatabase } from "@crossread/db/database";
import { hasLiveNode } from "@crossread/db/worker-nodes";
import { describeFailure } from "./describe-failure.ts";
import { parseEnvironment } from "./env.ts";

const silentAfterMs = 60_000;

/** Exit code 0 while this host's worker gives signs of life. */
async function isAlive(): Promise<boolean> {
  const db = openDatabase(parseEnvironment().databaseUrl);
  try {
    return await hasLiveNode(db, { seenSince: new Date(Date.now() - silentAfterMs), host: hostname() });
  } finally {
    await db.$disconnect();
  }
}

try {
  process.exitCode = (await isAlive()) ? 0 : 1;
} catch (error) {
  process.stderr.write(`${describeFailure(error)}\n`);
  process.exitCode = 1;
}
