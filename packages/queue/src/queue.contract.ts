import { randomUUID } from "node:crypto";
import { EventEmitter, once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { DomainError } from "@crossread/contracts/errors";
import { platformQueueName, siteQueueName } from "@crossread/contracts/queues";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { QueueConnection } from "./backend.ts";
import { createQueueClient, type QueueClient } from "./queue-client.ts";
import { serveQueue, type JobHandlers, type QueueServer } from "./serve-queue.ts";

/** What every backend must do; `open` gives a fresh and empty place for jobs. */
export function queueContract(open: () => Promise<QueueConnection>): void {
  let connection: QueueConnection;
  let client: QueueClient;
  const servers: QueueServer[] = [];

  beforeAll(async () => {
    connection = await open();
    client = await createQueueClient(connection);
  });
  // A server that a failed test left behind would take the next one's jobs.
  afterEach(async () => {
    await Promise.all(servers.splice(0).map((server) => server.close()));
  });
  afterAll(() => client.close());

  async function serve(
    queueName: string,
    handlers: JobHandlers,
    // A machine that does much else renews a short lock too late.
    lockDurationMs = 60_000,
  ): Promise<QueueServer> {
    const server = await serveQueue({
      connection,
      queueName,
      concurrency: 4,
      handlers,
      now: () => new Date(),
      lockDurationMs,
    });
    servers.push(server);
    return server;
  }

  test("delivers a job once although it is added twice, and takes the same job again when it is done", async () => {
    const gate = new EventEmitter();
    const seen: string[] = [];
    await serve(platformQueueName, {
      "prepare-run": async ({ runId }) => {
        seen.push(runId);
        if (seen.length === 1) await once(gate, "open");
      },
    });
    const runId = randomUUID();
    await client.enqueue("prepare-run", { runId });
    await until(() => seen.length === 1);
    await client.enqueue("prepare-run", { runId });
    expect(await client.isQueued("prepare-run", { runId })).toBe(true);
    gate.emit("open");
    await until(async () => !(await client.isQueued("prepare-run", { runId })));
    expect(seen).toEqual([runId]);
    await client.enqueue("prepare-run", { runId });
    await until(() => seen.length === 2);
    await until(async () => !(await client.isQueued("prepare-run", { runId })));
  });

  test("retries what may succeed later, not what is refused, and a refused job can be added again", async () => {
    const attempts = { "prepare-run": 0, "run-validation": 0 };
    await serve(platformQueueName, {
      "prepare-run": async () => {
        attempts["prepare-run"] += 1;
        if (attempts["prepare-run"] === 1) throw new DomainError("storage-unavailable", "The store is away");
      },
      "run-validation": async () => {
        attempts["run-validation"] += 1;
        throw new DomainError("one-class-cohort", "Only benign cases");
      },
    });
    const run = { runId: randomUUID() };
    const validation = { validationRoundId: randomUUID() };
    await client.enqueue("prepare-run", run);
    await client.enqueue("run-validation", validation);
    await until(async () => !(await client.isQueued("prepare-run", run)));
    await until(async () => !(await client.isQueued("run-validation", validation)));
    expect(attempts).toEqual({ "prepare-run": 2, "run-validation": 1 });
    await client.enqueue("run-validation", validation);
    await until(() => attempts["run-validation"] === 2);
  });

  test("aggregates after the last site, also when one site fails for good", async () => {
    const order: string[] = [];
    const siteIds = [randomUUID(), randomUUID(), randomUUID()];
    // A site that ended before its round is added again would rightly run again.
    const gate = new EventEmitter();
    const isAdded = once(gate, "added");
    await Promise.all([
      serve(platformQueueName, { "aggregate-round": async () => void order.push("aggregate") }),
      ...siteIds.map((id) =>
        serve(siteQueueName(id), {
          "train-site": async ({ siteId }) => {
            await isAdded;
            await delay(siteId === siteIds[0] ? 200 : 1);
            order.push(siteId);
            if (siteId === siteIds[1]) throw new DomainError("update-not-finite", "NaN in the update");
          },
        }),
      ),
    ]);
    const round = { runId: randomUUID(), roundId: randomUUID() };
    await client.enqueueRound({ ...round, siteIds });
    await client.enqueueRound({ ...round, siteIds });
    gate.emit("added");
    await until(() => order.includes("aggregate"));
    expect(order.toSorted()).toEqual([...siteIds, "aggregate"].toSorted());
    expect(order.at(-1)).toBe("aggregate");
    // A round whose jobs are gone can be added again.
    await until(async () => !(await client.isQueued("aggregate-round", round)));
    await client.enqueueRound({ ...round, siteIds });
    await until(() => order.length === 8);
  });

  test("re-attaches a site's job that still waits to an aggregation that is added again", async () => {
    const order: string[] = [];
    const siteId = randomUUID();
    const round = { runId: randomUUID(), roundId: randomUUID() };
    await client.enqueue("train-site", { ...round, siteId });
    await client.enqueueRound({ ...round, siteIds: [siteId] });
    await Promise.all([
      serve(platformQueueName, { "aggregate-round": async () => void order.push("aggregate") }),
      serve(siteQueueName(siteId), { "train-site": async () => void order.push("site") }),
    ]);
    await until(() => order.includes("aggregate"));
    expect(order).toEqual(["site", "aggregate"]);
  });

  test("gives running work back on shutdown without using up an attempt", async () => {
    const attempts: boolean[] = [];
    const handlers: JobHandlers = {
      "prepare-run": async (_payload, { signal, isLastAttempt }) => {
        attempts.push(isLastAttempt);
        if (attempts.length > 1) return;
        await new Promise((_resolve, reject) => {
          signal.addEventListener("abort", () => reject(new Error("stopped")));
        });
      },
    };
    const payload = { runId: randomUUID() };
    const first = await serve(platformQueueName, handlers);
    await client.enqueue("prepare-run", payload);
    await until(() => attempts.length === 1);
    await first.close();
    expect(await client.isQueued("prepare-run", payload)).toBe(true);
    await serve(platformQueueName, handlers);
    await until(async () => !(await client.isQueued("prepare-run", payload)));
    expect(attempts).toEqual([false, false]);
  });

  test("puts a job that has more to do behind those that wait, as often as it asks, under its own id", async () => {
    const order: string[] = [];
    let wasQueued = false;
    const long = { siteId: randomUUID(), uploadId: randomUUID() };
    const short = { siteId: randomUUID(), uploadId: randomUUID() };
    await client.enqueue("ingest-upload", long);
    await client.enqueue("ingest-upload", short);
    await serve(platformQueueName, {
      "ingest-upload": async ({ uploadId }) => {
        order.push(uploadId === long.uploadId ? "long" : "short");
        if (order.length === 1) {
          wasQueued = await client.isQueued("ingest-upload", long);
          await client.enqueue("ingest-upload", long);
        }
        return uploadId === long.uploadId && order.length < 12 ? "again" : undefined;
      },
    });
    await until(async () => !(await client.isQueued("ingest-upload", long)));
    expect(wasQueued).toBe(true);
    expect(order).toEqual(["long", "short", ...Array.from({ length: 10 }, () => "long")]);
  });

  test("waits with a delayed job and refuses a payload with an unknown field", async () => {
    const seenAt: number[] = [];
    await serve(platformQueueName, {
      "round-deadline": async () => void seenAt.push(Date.now()),
    });
    const payload = { runId: randomUUID(), roundId: randomUUID() };
    const addedAt = Date.now();
    await client.enqueue("round-deadline", payload, { delayMs: 400 });
    await until(() => seenAt.length === 1);
    expect((seenAt[0] ?? 0) - addedAt).toBeGreaterThanOrEqual(390);
    const withIdentity = { ...payload, patientName: "x" };
    await expect(client.enqueue("round-deadline", withIdentity)).rejects.toThrow(/patientName/);
  });
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  await expect.poll(condition, { timeout: 60_000, interval: 25 }).toBe(true);
}
