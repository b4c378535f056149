// `npx tsx bench/reading-load/measure-lists.ts DATABASE_URL [POSTMASTER_PID]`: what an admin's page of a closed study asks of
// the data layer, on seed.sql and close.sql; milliseconds of a call, and processor time, which repeats on a busy machine.
import { readdirSync, readFileSync } from "node:fs";
import { loadavg } from "node:os";
import { listArbitratorChoices, type ChosenRules } from "@crossread/db/arbitration-queue";
import { listSettledBreasts } from "@crossread/db/consensus-list";
import { openDatabase } from "@crossread/db/database";
import { listDiscordances } from "@crossread/db/discordance-list";

const [url = "", postmaster] = process.argv.slice(2);
const db = openDatabase(url);
const readerStudyId = "00000000-0000-7000-8000-0000000057d1";
const page = { readerStudyId, viewerId: "00000000-0000-7000-8000-0000000000ab", pageSize: 25 };
const rules: ChosenRules = {
  kinds: ["reader-reader", "reader-reference", "reader-ai", "ai-changed"],
  thresholds: { biradsSteps: 3, suspicionPoints: 50 },
  earlierCheckpointId: null,
};
const callCount = 15;
const tickMs = 10;

/** User and system time of the server's processes, in ms. */
function postgresMs(): number {
  if (postmaster === undefined) return Number.NaN;
  let ticks = 0;
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
      const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      if (fields[1] === postmaster) ticks += Number(fields[11]) + Number(fields[12]);
    } catch {
      // The process ended while the list was read.
    }
  }
  return ticks * tickMs;
}

async function measure(name: string, call: () => Promise<unknown>): Promise<void> {
  await call();
  const [cpu, server] = [process.cpuUsage(), postgresMs()];
  const times: number[] = [];
  for (let index = 0; index < callCount; index++) {
    const start = performance.now();
    await call();
    times.push(performance.now() - start);
  }
  const { system, user } = process.cpuUsage(cpu);
  const sorted = times.toSorted((a, b) => a - b);
  const text = (ms: number | undefined) => (ms ?? Number.NaN).toFixed(0);
  console.log(
    `${name}: median ${text(sorted[callCount >> 1])}, highest ${text(sorted.at(-1))}, processor ${text((user + system) / 1_000 / callCount)} here, ${text((postgresMs() - server) / callCount)} in PostgreSQL`,
  );
}

console.log(`Load of the machine ${loadavg()[0]?.toFixed(1) ?? "unknown"}; milliseconds of a call`);
await measure("discordances, first page", () => listDiscordances(db, { ...page, rules, offset: 0 }));
await measure("discordances, page 41", () => listDiscordances(db, { ...page, rules, offset: 1_000 }));
await measure("unanimous breasts", () => listSettledBreasts(db, { ...page, basis: "unanimous", offset: 0 }));
await measure("decided breasts", () => listSettledBreasts(db, { ...page, basis: "arbitration", offset: 0 }));
await measure("arbitrators to choose from", () => listArbitratorChoices(db, readerStudyId));
await db.$disconnect();
