import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createConnection, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, describe } from "vitest";
import { queueContract } from "./queue.contract.ts";

const configuredUrl = process.env["REDIS_URL"] === "" ? undefined : process.env["REDIS_URL"];
const isRedisAvailable = configuredUrl !== undefined || hasRedisServer();
let server: ChildProcess | undefined;
let directory: string | undefined;

afterAll(async () => {
  if (server !== undefined && server.exitCode === null) {
    server.kill();
    await once(server, "exit");
  }
  if (directory !== undefined) await rm(directory, { recursive: true, force: true });
});

describe.skipIf(!isRedisAvailable)("a queue on Redis (REDIS_URL, or redis-server on the PATH)", () => {
  queueContract(async () => ({
    databaseUrl: "postgresql://unused.invalid/",
    redisUrl: configuredUrl ?? (await startRedis()),
    namespace: `test-${randomUUID()}`,
  }));
});

function hasRedisServer(): boolean {
  try {
    execFileSync("redis-server", ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

async function startRedis(): Promise<string> {
  const port = await freePort();
  directory = await mkdtemp(join(tmpdir(), "crossread-test-redis-"));
  const flags = ["--port", String(port), "--bind", "127.0.0.1", "--save", "", "--dir", directory];
  server = spawn("redis-server", flags, { stdio: "ignore" });
  for (let attempt = 0; !(await isListening(port)); attempt += 1) {
    if (attempt > 600 || server.exitCode !== null) throw new Error("redis-server did not start.");
    await delay(50);
  }
  return `redis://127.0.0.1:${port}`;
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ host: "127.0.0.1", port });
    socket.once("connect", () => resolve((socket.end(), true)));
    socket.once("error", () => resolve(false));
  });
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}
