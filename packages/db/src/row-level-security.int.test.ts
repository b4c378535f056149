import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sitePathsOf } from "../../../tests/site-paths.ts";
import { testDatabase, type TestDatabase } from "../../../tests/test-database.ts";
import { seedTwoSites, type TwoSites } from "../../../tests/two-sites.ts";
import { appendAudit, verifyAudit } from "./audit.ts";
import type { Database } from "./database.ts";
import { acrossSites, underScope } from "./row-scope.ts";
import { openWebDatabase } from "./web-database.ts";
import { assertWebRolesInReach } from "./web-roles.ts";

let database: TestDatabase;
let world: TwoSites;
let paths: ReadonlyMap<string, string>;

/** Who trains with whom and how well a model does: seen by everybody who holds a role, written for the own site. */
const federation = ["evaluations", "site_updates", "training_run_sites"];

beforeAll(async () => {
  database = await testDatabase();
  world = await seedTwoSites(database.db);
  paths = await sitePathsOf(database.db);
  // Policies are asked for here, not rights: with these alone every statement would succeed.
  await database.db.$executeRawUnsafe("GRANT ALL ON ALL TABLES IN SCHEMA public TO crossread_web");
});
afterAll(async () => {
  await database[Symbol.asyncDispose]();
});

const at = (site: "a" | "b") =>
  underScope(database.web, { sites: [world.siteIds[site]], personId: world.outsiderId });

interface SitedRow {
  readonly site: string;
  readonly ctid: string;
  readonly row: unknown;
}

const everyRow = (table: string) =>
  database.db.$queryRawUnsafe<SitedRow[]>(
    `SELECT ${paths.get(table)}::text AS site, t.ctid::text AS ctid, to_jsonb(t) AS row FROM ${table} t ORDER BY ctid`,
  );

const seenThrough = async (db: Database, table: string) => {
  const rows = await db.$queryRawUnsafe<{ ctid: string }[]>(
    `SELECT ctid::text AS ctid FROM ${table} ORDER BY ctid`,
  );
  return rows.map(({ ctid }) => ctid);
};

const disposable = (db: Database) => ({ db, [Symbol.asyncDispose]: () => db.$disconnect() });

const ctidsOf = (rows: readonly SitedRow[], site?: string) =>
  rows.filter((row) => site === undefined || row.site === site).map(({ ctid }) => ctid);

describe("every table with rows of a site", () => {
  test("is found, and has a row of both sites in this test", async () => {
    expect(paths.size).toBeGreaterThan(35);
    for (const table of paths.keys()) {
      const sites = new Set((await everyRow(table)).map(({ site }) => site));
      expect([...sites].toSorted(), table).toEqual(Object.values(world.siteIds).toSorted());
    }
  });

  test("shows a site its rows, and no others", async () => {
    for (const table of paths.keys()) {
      const rows = await everyRow(table);
      const expected = federation.includes(table) ? ctidsOf(rows) : ctidsOf(rows, world.siteIds.b);
      // Of a person's own roles all are seen: the outsider has one at each site.
      const wanted = table === "memberships" ? ctidsOf(rows) : expected;
      expect(await seenThrough(at("b"), table), table).toEqual(wanted);
    }
  });

  test("shows nothing where no scope is set, also after a connection had one", async () => {
    for (const table of paths.keys()) {
      expect(await seenThrough(at("a"), table)).not.toEqual([]);
      expect(await seenThrough(database.web, table), table).toEqual([]);
    }
  });

  test("shows all of it to those who hold all sites", async () => {
    const everything = underScope(database.web, { sites: "all", personId: null });
    for (const table of paths.keys()) {
      expect(await seenThrough(everything, table), table).toEqual(ctidsOf(await everyRow(table)));
    }
  });

  test("is closed to a role that no policy names", async () => {
    const guarded = await database.db.$queryRaw<{ name: string; is_guarded: boolean; roles: string[] }[]>`
      SELECT c.relname AS name, c.relrowsecurity AS is_guarded,
        ARRAY(SELECT DISTINCT r.rolname::text FROM pg_policy p JOIN pg_roles r ON r.oid = ANY (p.polroles)
          WHERE p.polrelid = c.oid ORDER BY 1) AS roles
      FROM pg_class c WHERE c.relnamespace = current_schema()::regnamespace AND c.relname = ANY (${[...paths.keys(), "sites"]}::text[])`;
    expect(guarded).toHaveLength(paths.size + 1);
    for (const { is_guarded: isGuarded, name, roles } of guarded) {
      expect({ name, isGuarded, roles }).toEqual({
        name,
        isGuarded: true,
        roles: ["crossread_web", "crossread_web_all_sites"],
      });
    }
  });

  test("refuses to change or to remove another site's rows", async () => {
    for (const table of paths.keys()) {
      const others = ctidsOf(await everyRow(table), world.siteIds.a);
      const [column] = await database.db.$queryRaw<{ name: string }[]>`
        SELECT attname AS name FROM pg_attribute WHERE attrelid = ${table}::regclass AND attnum > 0 ORDER BY attnum LIMIT 1`;
      const name = column?.name ?? "";
      expect(others.length, table).toBeGreaterThan(0);
      for (const statement of [
        `UPDATE ${table} SET ${name} = ${name} WHERE ctid = ANY ($1::tid[])`,
        `DELETE FROM ${table} WHERE ctid = ANY ($1::tid[])`,
      ]) {
        expect(await at("b").$executeRawUnsafe(statement, others), `${table}: ${statement}`).toBe(0);
      }
    }
  });

  test("refuses a new row for another site", async () => {
    for (const table of paths.keys()) {
      const row = (await everyRow(table)).find(({ site }) => site === world.siteIds.a)?.row;
      const insert = at("b").$executeRawUnsafe(
        `INSERT INTO ${table} SELECT * FROM jsonb_populate_record(NULL::${table}, $1::jsonb)`,
        JSON.stringify(row),
      );
      await expect(insert, table).rejects.toThrow(/violates row-level security policy/);
    }
  });

  test("refuses to move a row to another site", async () => {
    const move = at("b").subject.updateMany({ data: { siteId: world.siteIds.a } });
    await expect(move).rejects.toThrow(/violates row-level security policy/);
  });
});

test("names of sites are everybody's, their rows their own people's", async () => {
  expect((await at("b").site.findMany()).map(({ code }) => code).toSorted()).toEqual(["a", "b"]);
  const { count } = await at("b").site.updateMany({ data: { name: "Renamed" } });
  expect(count).toBe(1);
  expect(await database.db.site.count({ where: { id: world.siteIds.a, name: "Renamed" } })).toBe(0);
});

test("a reader sees the cases that they read at any site, and none of what is known about them", async () => {
  const reader = underScope(database.web, { sites: [world.siteIds.a], personId: world.readerIds.b });
  const seen: string[] = [];
  for (const table of paths.keys()) {
    const others = ctidsOf(await everyRow(table), world.siteIds.b);
    const visible = await seenThrough(reader, table);
    if (!federation.includes(table) && others.some((ctid) => visible.includes(ctid))) seen.push(table);
  }
  expect(seen.toSorted()).toEqual([
    "arbitration_readings",
    "arbitrations",
    "cases",
    "instances",
    "map_ratings",
    "predictions",
    "reader_study_map_measures",
    "reading_assignments",
    "readings",
    "saliency_maps",
    "series",
    "studies",
  ]);
});

test("every trigger keeps its rule over all rows, and takes none of its caller's tables for another", async () => {
  const functions = await database.db.$queryRaw<
    { name: string; is_definer: boolean; config: string[] | null }[]
  >`
    SELECT p.proname AS name, p.prosecdef AS is_definer, p.proconfig AS config FROM pg_proc p
    WHERE p.pronamespace = current_schema()::regnamespace AND (p.prorettype = 'trigger'::regtype OR p.prosecdef)
      AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')`;
  expect(functions.length).toBeGreaterThan(10);
  for (const one of functions) {
    expect(one).toEqual({ name: one.name, is_definer: true, config: ["search_path=public, pg_temp"] });
  }
});

test("the audit log stays one chain, whoever appends to it", async () => {
  const { db, web } = database;
  const entry = { actorId: null, action: "x", entityKind: "x", entityId: "x", details: {} };
  await appendAudit(at("a"), { ...entry, siteId: world.siteIds.a });
  await appendAudit(web, { ...entry, siteId: null });
  await appendAudit(db, { ...entry, siteId: world.siteIds.b });
  await appendAudit(at("a"), { ...entry, siteId: null });
  expect(await verifyAudit(db)).toMatchObject({ isIntact: true, checkedCount: 6 });
  expect(await at("a").auditEvent.count()).toBe(2);
  await expect(appendAudit(at("a"), { ...entry, siteId: world.siteIds.b })).rejects.toThrow(
    /row-level security/,
  );
});

describe("one connection that many share", () => {
  const sitesOf = async (db: Database) =>
    (await db.subject.findMany({ select: { siteId: true } })).map(({ siteId }) => siteId);

  /** However long a busy machine lets the others wait for the connection. */
  const patient = { maxWait: 100_000, timeout: 100_000 };

  test("never shows one scope the rows of another", async () => {
    await using shared = disposable(openWebDatabase(database.connectionString, { max: 1 }));
    const { a, b } = world.siteIds;
    const subjects = await database.db.subject.findMany({ select: { id: true, siteId: true } });
    await Promise.all(
      Array.from({ length: 16 }, async (_, index) => {
        const siteId = index % 2 === 0 ? a : b;
        const own = underScope(shared.db, { sites: [siteId], personId: null });
        const expected = subjects.filter((subject) => subject.siteId === siteId);
        expect(new Set(await sitesOf(own))).toEqual(new Set([siteId]));
        // Look-ups by key of one turn of the event loop become one statement.
        const found = await Promise.all(subjects.map(({ id }) => own.subject.findUnique({ where: { id } })));
        expect(found.filter((subject) => subject !== null)).toHaveLength(expected.length);
        expect(await shared.db.subject.count()).toBe(0);
        const counted = await own.$transaction(async (tx) => {
          const before = await tx.subject.count();
          await tx.$executeRaw`SELECT pg_sleep(0.001)`;
          return [before, await tx.subject.count({ where: { siteId } })];
        }, patient);
        expect(counted).toEqual([expected.length, expected.length]);
        const failed = own.$transaction(async (tx) => {
          await tx.$executeRaw`SELECT set_config('crossread.sites', ${[a, b].join(",")}, false)`;
          throw new Error("rolled back");
        }, patient);
        await expect(failed).rejects.toThrow("rolled back");
      }),
    );
    expect(await acrossSites(shared.db, "ranks").subject.count()).toBe(subjects.length);
    expect(await shared.db.subject.count()).toBe(0);
  });

  test("answers look-ups of one turn of the event loop each in its own scope", async () => {
    const subjects = await database.db.subject.findMany({ select: { id: true, siteId: true } });
    const scopes = [at("a"), at("b"), database.web];
    const found = await Promise.all(
      subjects.map(({ id }) => Promise.all(scopes.map((own) => own.subject.findUnique({ where: { id } })))),
    );
    expect(found.map((answers) => answers.map((subject) => subject !== null))).toEqual(
      subjects.map(({ siteId }) => [siteId === world.siteIds.a, siteId === world.siteIds.b, false]),
    );
  });

  test("runs a list of statements in the scope of whoever asked", async () => {
    const { a, b } = world.siteIds;
    const listed = await Promise.all(
      [at("a"), at("b"), database.web].map((own) =>
        own.$transaction([own.subject.findMany({ select: { siteId: true } }), own.study.count()]),
      ),
    );
    expect(listed.map(([rows, count]) => [[...new Set(rows.map(({ siteId }) => siteId))], count])).toEqual([
      [[a], 2],
      [[b], 2],
      [[], 0],
    ]);
  });

  test("a stream that is read after the request sees what the request did", async () => {
    async function* counts(db: Database) {
      for (;;) yield await db.subject.count();
    }
    const stream = counts(at("a"));
    const other = await at("b").subject.count();
    expect((await stream.next()).value).toBe(other);
    expect((await counts(database.web).next()).value).toBe(0);
  });
});

test("a connection whose role sees everything is refused", async () => {
  const { connectionString, db } = database;
  await db.$executeRaw`ALTER TABLE cases OWNER TO crossread_web`;
  await using bypassing = disposable(openWebDatabase(connectionString, { max: 1 }));
  await expect(bypassing.db.user.count()).rejects.toThrow(
    /Row-level security is not in force for the role crossread_web/,
  );
});

test("who may not make the roles is told what to run, before anything is migrated", async () => {
  const { connectionString, db } = database;
  const login = `crossread_owner_${randomUUID().replaceAll("-", "")}`;
  await db.$executeRawUnsafe(`CREATE ROLE ${login} LOGIN PASSWORD 'x'`);
  try {
    const url = Object.assign(new URL(connectionString), { username: login, password: "x" }).toString();
    await expect(assertWebRolesInReach(url)).rejects.toThrow(
      `runs: GRANT crossread_web, crossread_web_all_sites TO ${login};`,
    );
    await db.$executeRawUnsafe(`GRANT crossread_web TO ${login}`);
    await expect(assertWebRolesInReach(url)).rejects.toMatchObject({ code: "environment-invalid" });
    await db.$executeRawUnsafe(`GRANT crossread_web_all_sites TO ${login}`);
    await assertWebRolesInReach(url);
  } finally {
    await db.$executeRawUnsafe(`DROP ROLE ${login}`);
  }
});

test("a login that is nothing but the web application's sees what the application sees, and cannot go back", async () => {
  const { connectionString, db } = database;
  const login = `crossread_login_${randomUUID().replaceAll("-", "")}`;
  await db.$executeRawUnsafe(`CREATE ROLE ${login} LOGIN NOINHERIT PASSWORD 'x'`);
  try {
    await db.$executeRawUnsafe(`GRANT crossread_web, crossread_web_all_sites TO ${login}`);
    await db.$executeRaw`ALTER TABLE cases OWNER TO CURRENT_USER`;
    const url = Object.assign(new URL(connectionString), { username: login, password: "x" });
    await using own = disposable(openWebDatabase(url.toString(), { max: 1 }));
    const scoped = underScope(own.db, { sites: [world.siteIds.a], personId: null });
    expect([await own.db.subject.count(), await scoped.subject.count()]).toEqual([0, 2]);
    expect(await acrossSites(own.db, "ranks").subject.count()).toBe(4);
    await expect(
      scoped.$transaction(async (tx) => {
        await tx.$executeRaw`RESET ROLE`;
        return tx.subject.count();
      }),
    ).rejects.toThrow(/permission denied/);
  } finally {
    await db.$executeRawUnsafe(`DROP ROLE ${login}`);
  }
});
