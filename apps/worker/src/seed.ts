import type { Acquisition } from "@crossread/contracts/dataset-manifest";
import type { DatasetSource } from "@crossread/contracts/dataset-source";
import { DomainError } from "@crossread/contracts/errors";
import { assertOneAcquisitionPerSite } from "@crossread/datasets/acquisition-check";
import { readDataset } from "@crossread/datasets/dataset-directory";
import { openBackgroundJob } from "@crossread/db/background-job-writes";
import { openDatabase } from "@crossread/db/database";
import { isPlatformEmpty } from "@crossread/db/demonstration-seed";
import { createQueueClient } from "@crossread/queue/queue-client";
import { describeFailure } from "./describe-failure.ts";
import { parseEnvironment } from "./env.ts";
import { demonstrationJobId } from "./jobs/continue-demonstration.ts";
import { seedDemonstration } from "./seed-demonstration.ts";

/** Idempotent: a platform that has content or is being filled is left alone. */
async function seed(): Promise<void> {
  const environment = parseEnvironment();
  if (!environment.isDemonstration) {
    process.stdout.write("CROSSREAD_DEMO is not 1: nothing is seeded.\n");
    return;
  }
  const { content, databaseUrl, dataset, redisUrl } = environment;
  const db = openDatabase(databaseUrl);
  try {
    await seedDemonstration(db, content === "dataset" ? await acquisitionOf(dataset) : "synthetic");
    if (content === "empty" || !(await isPlatformEmpty(db))) return;
    await openBackgroundJob(db, {
      jobId: demonstrationJobId,
      kind: "prepare-demonstration",
      title: "Demonstration",
    });
    const queue = await createQueueClient({ databaseUrl, redisUrl });
    await queue.enqueue("prepare-demonstration", {});
    await queue.close();
  } finally {
    await db.$disconnect();
  }
}

async function acquisitionOf(dataset: DatasetSource | undefined): Promise<Acquisition> {
  if (dataset === undefined) {
    throw new DomainError("environment-invalid", "CROSSREAD_CONTENT=dataset needs CROSSREAD_DATASET.");
  }
  if (dataset.kind === "mias") return "film-digitised";
  const { manifest } = await readDataset(dataset.directory);
  assertOneAcquisitionPerSite(manifest);
  return manifest.acquisition;
}

try {
  await seed();
} catch (error) {
  process.stderr.write(`${describeFailure(error)}\n`);
  process.exitCode = 1;
}
