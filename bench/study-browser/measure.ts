// `npx tsx bench/study-browser/measure.ts [--explain]`: the study browser's statements on 100,000 images, as the pages
// issue them, in an embedded PostgreSQL of its own.
import { chmod, mkdtemp, readFile, rm } from "node:fs/promises";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import type { StudyFilter } from "@crossread/contracts/study-browser";
import type { Database } from "@crossread/db/database";
import type { ImageViewer } from "@crossread/db/image-access";
import { migrate } from "@crossread/db/migrate";
import { underScope } from "@crossread/db/row-scope";
import { allSitesRole, siteRole } from "@crossread/db/scoped-pool";
import { listStudies } from "@crossread/db/studies";
import { countStudyFacets, facetStatement } from "@crossread/db/study-facets";
import { pageStatement, type StudyPageRequest } from "@crossread/db/study-page";
import { openWebDatabase } from "@crossread/db/web-database";
import pg from "pg";
import { startEmbeddedPostgres } from "../../scripts/platform/embedded-postgres.ts";
import { findFreePort } from "../../scripts/platform/ports.ts";

const repeats = 30;
const reader = { userId: "00000000-0000-7000-8000-00000000beef", scope: "all" } as const;
const page = { viewer: reader, filter: {}, sort: "received-newest", pageSize: 48 } as const;

const threeFilters: StudyFilter = { label: ["malignant", "benign"], density: ["C"], view: ["CC"] };
const lists: Readonly<Record<string, StudyPageRequest>> = {
  "list, first page": page,
  "list, by name": { ...page, sort: "name" },
  "list, malignant with density C or D": {
    ...page,
    filter: { label: ["malignant"], density: ["C", "D"] },
  },
  "list, tag and device": {
    ...page,
    filter: { tag: ["pilot"], device: ["GE Senographe Pristina"] },
    sort: "study-date-newest",
  },
  "search, part of a pseudonym": { ...page, filter: { search: "7F3" } },
  "search, part of a UID": { ...page, filter: { search: "000000012345" } },
  "search, nothing found": { ...page, filter: { search: "no such name" } },
};

/** Milliseconds that a server process has computed so far: on a busy machine the only figure that repeats. */
async function cpuMs(pid: number): Promise<number> {
  const fields = (await readFile(`/proc/${pid}/stat`, "utf8")).replace(/^.*\) /, "").split(" ");
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

type StatementFor = (viewer: ImageViewer) => { text: string; values: unknown[] };

/** As the tables' owner, as somebody of all sites and as somebody of one: what row-level security costs. */
async function measureCpu(client: pg.Client, name: string, statementFor: StatementFor) {
  const { rows } = await client.query<{ pid: number; site: string }>(
    "SELECT pg_backend_pid() AS pid, id AS site FROM sites ORDER BY code LIMIT 1",
  );
  const [row] = rows;
  if (row === undefined) throw new Error("The database has no site.");
  const one: ImageViewer = { ...reader, scope: [row.site] };
  const figures: string[] = [];
  for (const [role, viewer] of [
    ["none", reader],
    [allSitesRole, reader],
    ["none", one],
    [siteRole, one],
  ] as const) {
    await client.query(
      `SELECT set_config('role', $1, false), set_config('crossread.sites', $2, false),
        set_config('crossread.person', $3, false)`,
      [role, row.site, reader.userId],
    );
    const statement = statementFor(viewer);
    const before = await cpuMs(row.pid);
    for (let index = 0; index < repeats; index++) await client.query(statement.text, statement.values);
    figures.push((((await cpuMs(row.pid)) - before) / repeats).toFixed(1));
  }
  await client.query("RESET ROLE");
  console.log(`| ${name} | ${figures.join(" | ")} |`);
}

async function measure(name: string, target: number, work: () => Promise<unknown>): Promise<void> {
  const times: number[] = [];
  for (let index = 0; index < repeats + 3; index++) {
    const start = performance.now();
    await work();
    if (index >= 3) times.push(performance.now() - start);
  }
  times.sort((a, b) => a - b);
  const at = (share: number) => (times[Math.ceil(share * times.length) - 1] ?? Number.NaN).toFixed(1);
  console.log(`| ${name} | ${target} | ${at(0.5)} | ${at(0.95)} |`);
}

async function explain(client: pg.Client, name: string, statement: { text: string; values: unknown[] }) {
  const { rows } = await client.query<{ "QUERY PLAN": string }>({
    text: `EXPLAIN (ANALYZE, BUFFERS OFF, COSTS OFF, TIMING OFF) ${statement.text}`,
    values: statement.values,
  });
  console.log(`\n${name}\n${rows.map((row) => row["QUERY PLAN"]).join("\n")}`);
}

async function run(db: Database, client: pg.Client): Promise<void> {
  const start = performance.now();
  await client.query(await readFile(join(import.meta.dirname, "seed.sql"), "utf8"));
  const counts = await client.query<{ studies: string; images: string }>(
    "SELECT (SELECT count(*) FROM study_summaries) AS studies, (SELECT count(*) FROM instances) AS images",
  );
  console.log(
    `${counts.rows[0]?.studies} studies, ${counts.rows[0]?.images} images, seeded with their summaries in ${((performance.now() - start) / 1_000).toFixed(0)} s`,
  );
  console.log("\n| what | target, ms | median, ms | p95, ms |\n| --- | ---: | ---: | ---: |");
  for (const [name, request] of Object.entries(lists)) {
    await measure(name, 150, () => listStudies(db, request));
  }
  let cursor = (await listStudies(db, page)).next;
  for (let index = 0; index < 200; index++) {
    cursor = (
      await listStudies(db, { ...page, pageSize: 100, from: { side: "after", cursor: cursor ?? "" } })
    ).next;
  }
  await measure("list, after 20,000 studies", 150, () =>
    listStudies(db, { ...page, from: { side: "after", cursor: cursor ?? "" } }),
  );
  await measure("charts, no filter", 300, () => countStudyFacets(db, reader, {}));
  await measure("charts, three filters", 300, () => countStudyFacets(db, reader, threeFilters));
  await measure("charts, search", 300, () => countStudyFacets(db, reader, { search: "7F3" }));
  console.log(`\nload average ${loadavg()[0]?.toFixed(1)} on ${cpus().length} cores`);
  console.log(
    "\nCPU of the database, ms\n\n| statement | all sites, owner | all sites | one site, owner | one site |\n| --- | ---: | ---: | ---: | ---: |",
  );
  for (const [name, request] of Object.entries(lists)) {
    await measureCpu(client, name, (viewer) => pageStatement({ ...request, viewer }));
  }
  await measureCpu(client, "charts, no filter", (viewer) => facetStatement(viewer, {}));
  await measureCpu(client, "charts, three filters", (viewer) => facetStatement(viewer, threeFilters));
  if (!process.argv.includes("--explain")) return;
  for (const [name, request] of Object.entries(lists)) await explain(client, name, pageStatement(request));
  await explain(client, "charts", facetStatement(reader, {}));
}

const directory = await mkdtemp(join(tmpdir(), "crossread-bench-"));
await chmod(directory, 0o755);
const server = await startEmbeddedPostgres({
  dataDirectory: join(directory, "data"),
  port: await findFreePort(),
  password: "bench",
});
try {
  await migrate(server.connectionString);
  const web = openWebDatabase(server.connectionString);
  const db = underScope(web, { sites: reader.scope, personId: reader.userId });
  const client = new pg.Client({ connectionString: server.connectionString });
  await client.connect();
  await run(db, client);
  await client.end();
  await web.$disconnect();
} finally {
  await server.stop();
  await rm(directory, { recursive: true, force: true });
}
