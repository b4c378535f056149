// `npx tsx bench/reading-load/measure.ts URL [CASES] [PAUSE_MS] [DATA]`: the twenty readers of seed.sql read at once, over
// HTTP, as their browsers do; milliseconds from request to whole answer, by procedure. With the platform's data directory
// also its processor time: on a busy machine the only figure that repeats.
import { randomUUID } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { cpus, loadavg } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import superjson from "superjson";
import { z } from "zod";

const [origin = "http://localhost:3000", casesText = "5", pauseText = "0", dataDirectory] =
  process.argv.slice(2);
const [caseCount, pauseMs] = [Number(casesText), Number(pauseText)];
const readerCount = 20;
const password = "crossread-demo";
const times = new Map<string, number[]>();

const answerSchema = z.object({ result: z.object({ data: z.unknown() }) });
const listsSchema = z.array(z.object({ nextAssignmentId: z.string().nullable() }));
const openedSchema = z.object({ images: z.array(z.object({ instanceId: z.string() })).length(4) });
const lockedSchema = z.object({ answers: z.unknown() });
const aidSchema = z.object({ images: z.array(z.object({ score: z.number() })).length(4) });
const savedSchema = z.object({ ok: z.literal(true), version: z.number() });

/** Cookies of one browser. */
function jar() {
  const cookies = new Map<string, string>();
  return {
    header: () => [...cookies].map(([name, value]) => `${name}=${value}`).join("; "),
    take(response: Response) {
      for (const line of response.headers.getSetCookie()) {
        const [pair = ""] = line.split(";");
        const at = pair.indexOf("=");
        cookies.set(pair.slice(0, at), pair.slice(at + 1));
      }
    },
  };
}
type Jar = ReturnType<typeof jar>;

async function signIn(email: string): Promise<Jar> {
  const cookies = jar();
  const csrf = await fetch(`${origin}/api/auth/csrf`);
  cookies.take(csrf);
  const { csrfToken } = z.object({ csrfToken: z.string() }).parse(await csrf.json());
  const body = new URLSearchParams({ csrfToken, email, password, json: "true" });
  const response = await fetch(`${origin}/api/auth/callback/credentials`, {
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded", cookie: cookies.header() },
    body,
    redirect: "manual",
  });
  cookies.take(response);
  if (!cookies.header().includes("session-token"))
    throw new Error(`${email} cannot sign in: ${response.status}`);
  return cookies;
}

async function call(cookies: Jar, name: string, request: { input?: unknown; isMutation: boolean }) {
  const { input, isMutation } = request;
  const query =
    isMutation || input === undefined ? "" : `?input=${encodeURIComponent(superjson.stringify(input))}`;
  const start = performance.now();
  const response = await fetch(`${origin}/api/trpc/${name}${query}`, {
    method: isMutation ? "POST" : "GET",
    headers: { cookie: cookies.header(), "content-type": "application/json" },
    ...(isMutation ? { body: superjson.stringify(input) } : {}),
  });
  const text = await response.text();
  const passed = performance.now() - start;
  if (!response.ok) throw new Error(`${name}: ${response.status} ${text.slice(0, 500)}`);
  times.set(name, [...(times.get(name) ?? []), passed]);
  return superjson.parse(JSON.stringify(answerSchema.parse(JSON.parse(text)).result.data));
}

async function read(reader: number): Promise<void> {
  const cookies = await signIn(`load-${reader}@bench.crossread`);
  const mutate = (name: string, input: unknown) => call(cookies, name, { input, isMutation: true });
  const query = (name: string, input?: unknown) => call(cookies, name, { input, isMutation: false });
  const pause = () => sleep(pauseMs * (0.5 + ((reader * 7) % 10) / 10));
  for (let index = 0; index < caseCount; index++) {
    const [list] = listsSchema.parse(await query("reading.workList"));
    const assignmentId = list?.nextAssignmentId;
    if (assignmentId === null || assignmentId === undefined) throw new Error(`Reader ${reader} has no case.`);
    await pause();
    const { images } = openedSchema.parse(await mutate("reading.open", { assignmentId }));
    const marks: unknown[] = [];
    let answers: unknown;
    let version = 1;
    // Five changes of the unaided step, each with a mark more.
    for (let change = 0; change < 5; change++) {
      await pause();
      const geometry = {
        shape: "ellipse",
        xPx: 900,
        yPx: 900 + change,
        radiusXPx: 80,
        radiusYPx: 60,
        rotationRad: 0,
      };
      marks.push({
        markId: randomUUID(),
        instanceId: images[change % 4]?.instanceId,
        geometry,
        kind: "mass",
      });
      const breast = { birads: "4A", suspicion: 40 + change };
      answers = {
        breasts: { R: breast, L: { birads: "2", suspicion: 3 } },
        density: "B",
        marks: [...marks],
        comment: "A comment.",
      };
      const draft = {
        assignmentId,
        condition: "unaided",
        version,
        durationMs: 1_000,
        answers,
        mapRating: {},
      };
      version = savedSchema.parse(await mutate("reading.saveDraft", draft)).version;
    }
    await pause();
    const locked = lockedSchema.parse(
      await mutate("reading.lock", { assignmentId, version, durationMs: 20_000 }),
    );
    aidSchema.parse(await query("reading.aid", { assignmentId }));
    await pause();
    const mapRating = {
      lesionInsideHotArea: "yes",
      hasMissedLesion: false,
      hasSpuriousAreas: false,
      plausibility: 4,
      wouldChangeRecall: "no",
      comment: "",
    };
    const last = {
      assignmentId,
      condition: "aided",
      version: 1,
      durationMs: 2_000,
      answers: locked.answers,
      mapRating,
    };
    savedSchema.parse(await mutate("reading.saveDraft", last));
    await mutate("reading.submit", { assignmentId, version: 2, durationMs: 9_000 });
  }
}

/** Processor time of the web server and the database, their ended children included. */
async function platformCpuMs(): Promise<number> {
  if (dataDirectory === undefined) return Number.NaN;
  const { launcherPid } = z
    .object({ launcherPid: z.number() })
    .parse(JSON.parse(await readFile(join(dataDirectory, "instance.json"), "utf8")));
  const processes: { pid: number; parent: number; cpuMs: number }[] = [];
  for (const name of await readdir("/proc")) {
    const text = /^\d+$/.test(name) ? await readFile(`/proc/${name}/stat`, "utf8").catch(() => "") : "";
    const fields = text
      .replace(/^.*\) /, "")
      .split(" ")
      .map(Number);
    const cpuMs = fields.slice(11, 15).reduce((sum, value) => sum + value * 10, 0);
    if (text !== "") processes.push({ pid: Number(name), parent: fields[1] ?? 0, cpuMs });
  }
  const family = new Set([launcherPid]);
  for (let size = 0; size !== family.size;) {
    size = family.size;
    for (const { parent, pid } of processes) if (family.has(parent)) family.add(pid);
  }
  return processes.filter(({ pid }) => family.has(pid)).reduce((sum, { cpuMs }) => sum + cpuMs, 0);
}

const cpuBefore = await platformCpuMs();
const start = performance.now();
await Promise.all(Array.from({ length: readerCount }, (_, index) => read(index + 1)));
const seconds = (performance.now() - start) / 1_000;
console.log(
  `${readerCount} readers, ${caseCount} cases each, pauses of ${pauseMs} ms: ${seconds.toFixed(0)} s, load average ${loadavg()[0]?.toFixed(1)} on ${cpus().length} cores\n`,
);
const callCount = [...times.values()].reduce((sum, passed) => sum + passed.length, 0);
const perCallMs = ((await platformCpuMs()) - cpuBefore) / callCount;
console.log(
  `${(callCount / seconds).toFixed(1)} calls a second, ${perCallMs.toFixed(1)} ms of processor time each (sign-in and worker included)\n`,
);
console.log("| procedure | calls | p50, ms | p95, ms | p99, ms |\n| --- | ---: | ---: | ---: | ---: |");
for (const [name, passed] of times) {
  const sorted = passed.toSorted((a, b) => a - b);
  const at = (share: number) => (sorted[Math.ceil(share * sorted.length) - 1] ?? Number.NaN).toFixed(0);
  console.log(`| ${name} | ${sorted.length} | ${at(0.5)} | ${at(0.95)} | ${at(0.99)} |`);
}
