import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { pino } from "pino";
import { codeVersion } from "./code-version.ts";
import { demonstrationPlan } from "./demonstration-plan.ts";
import { openDimseReceiver } from "./dimse/dimse-receiver.ts";
import { describeFailure } from "./describe-failure.ts";
import { parseEnvironment } from "./env.ts";
import { logOptions } from "./log-options.ts";
import { startWorker } from "./worker.ts";

async function main(): Promise<void> {
  const environment = parseEnvironment();
  const logger = pino(logOptions(environment.logLevel));
  const worker = await startWorker({
    nodeId: `${hostname()}-${randomUUID().slice(0, 8)}`,
    databaseUrl: environment.databaseUrl,
    redisUrl: environment.redisUrl,
    store: environment.store,
    masterKey: environment.masterKey,
    engine: environment.engine,
    childProcessCount: environment.childProcessCount,
    yieldsToOthers: true,
    imageNetWeightsFile: environment.imageNetWeightsFile,
    dataset: environment.content === "dataset" ? environment.dataset : undefined,
    demonstration: demonstrationPlan,
    codeVersion,
    lockDurationMs: environment.lockDurationMs,
    ingest: { heldBytesLimit: environment.heldBytesLimit },
    logger,
  });
  const receiver =
    environment.dimse === undefined
      ? undefined
      : await openDimseReceiver({ ...environment, logger }, environment.dimse);
  logger.info({ engine: environment.engine.name }, "worker ready");
  let stopping: Promise<void> | undefined;
  const stop = (signal: NodeJS.Signals) => {
    logger.info({ signal }, "stopping");
    stopping ??= Promise.resolve(receiver?.close())
      .then(() => worker.close())
      .then(() => process.exit(0));
  };
  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);
}

try {
  await main();
} catch (error) {
  process.stderr.write(`${describeFailure(error)}\n`);
  process.exit(1);
}
