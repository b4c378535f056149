import type { Membership } from "@crossread/contracts/role";
import { appendAudit } from "@crossread/db/audit";
import { revokeSessions, setDisabled, setMemberships } from "@crossread/db/people";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { testDatabase, type TestDatabase } from "../../../../tests/test-database.ts";
import { createRateLimit } from "./rate-limit.ts";

vi.mock("server-only", () => ({}));
// The application's own connections; these tests hand in theirs.
vi.mock("./services.ts", () => ({}));
vi.mock("./auth-options.ts", () => ({}));

const { createCaller } = await import("./root.ts");
const { actorOfSession } = await import("./actor.ts");
const { signInWithPassword } = await import("./sign-in.ts");
const { hashPassword, verifyPassword } = await import("./password.ts");

const password = "correct horse battery";
let database: TestDatabase;
let sites: Record<"north" | "east", string>;
let adminId: string;
const enqueued: { kind: string; payload: object }[] = [];

async function createUser(email: string, memberships: Membership[]): Promise<string> {
  const user = await database.db.user.create({
    data: {
      email,
      name: email,
      passwordHash: await hashPassword(password),
      memberships: { create: memberships },
    },
  });
  return user.id;
}

async function createSite(code: string, colourIndex: number): Promise<string> {
  const { db } = database;
  const site = await db.site.create({ data: { code, name: code, colourIndex, acquisition: "synthetic" } });
  for (let index = 0; index < 10; index++) {
    const subject = await db.subject.create({ data: { siteId: site.id, pseudonym: `${code}-${index}` } });
    const uid = `2.25.${colourIndex}${index}`;
    const study = await db.study.create({
      data: { siteId: site.id, subjectId: subject.id, studyInstanceUid: uid },
    });
    const one = await db.case.create({
      data: { siteId: site.id, subjectId: subject.id, studyId: study.id, label: `${code}-${index}` },
    });
    const series = await db.series.create({ data: { studyId: study.id, seriesInstanceUid: `${uid}.1` } });
    await db.referenceStandard.create({
      data: {
        caseId: one.id,
        laterality: "L",
        finding: index < 4 ? "malignant" : "normal",
        source: "data_set",
      },
    });
    await db.instance.create({
      data: {
        siteId: site.id,
        seriesId: series.id,
        caseId: one.id,
        sopInstanceUid: `${uid}.2`,
        laterality: "L",
        view: "CC",
        rows: 10,
        columns: 10,
        bitsStored: 8,
        photometricInterpretation: "MONOCHROME2",
        blobKey: `instances/${uid}.dcm`,
        sha256: uid,
        sizeBytes: 100,
      },
    });
  }
  return site.id;
}

async function callerOf(userId: string) {
  const { db, web } = database;
  const { sessionVersion } = await db.user.findUniqueOrThrow({ where: { id: userId } });
  const actor = await actorOfSession(web, { userId, sessionVersion });
  return createCaller({
    actor,
    db: web,
    queue: () =>
      Promise.resolve({
        enqueue: (kind, payload) => {
          enqueued.push({ kind, payload });
          return Promise.resolve();
        },
      }),
  });
}

beforeAll(async () => {
  database = await testDatabase();
  sites = { north: await createSite("north", 0), east: await createSite("east", 1) };
  adminId = await createUser("admin@example.org", [{ role: "admin", siteId: null }]);
});

afterAll(async () => {
  await database[Symbol.asyncDispose]();
});

describe("site scope", () => {
  test("keeps the members of another site's patients from a coordinator", async () => {
    const admin = await callerOf(adminId);
    const { cohortId } = await admin.cohorts.create({
      name: "Both sites",
      purpose: "",
      siteIds: Object.values(sites),
      fractions: { train: 0.6, tuning: 0.2, "internal-test": 0.2 },
      seed: 1,
    });
    const north = await callerOf(
      await createUser("coordinator@example.org", [{ role: "coordinator", siteId: sites.north }]),
    );
    expect((await admin.cohorts.members({ cohortId, offset: 0 })).totalCount).toBe(20);
    const own = await north.cohorts.members({ cohortId, offset: 0 });
    expect(own.totalCount).toBe(10);
    expect(new Set(own.rows.map((row) => row.siteId))).toEqual(new Set([sites.north]));
    const asked = await north.cohorts.members({ cohortId, siteId: sites.east, offset: 0 });
    expect(asked).toEqual({ rows: [], totalCount: 0 });
  });

  test("opens the page of the own site only", async () => {
    const userId = await createUser("east@example.org", [{ role: "coordinator", siteId: sites.east }]);
    const east = await callerOf(userId);
    expect((await east.sites.load({ siteId: sites.east })).caseCount).toBe(10);
    await expect(east.sites.load({ siteId: sites.north })).rejects.toMatchObject({ code: "FORBIDDEN" });
    expect((await east.sites.mine()).map((site) => site.siteId)).toEqual([sites.east]);
  });

  test("keeps jobs and audit events of another site from a coordinator", async () => {
    const { db } = database;
    const job = { kind: "ingest-upload", title: "Ingest", state: "running" } as const;
    await db.backgroundJob.createMany({
      data: [
        { ...job, id: "job-north", siteId: sites.north },
        { ...job, id: "job-east", siteId: sites.east },
        { ...job, id: "job-platform" },
      ],
    });
    for (const siteId of Object.values(sites)) {
      await appendAudit(db, {
        actorId: null,
        siteId,
        action: "test.act",
        entityKind: "site",
        entityId: siteId,
        details: {},
      });
    }
    const userId = await createUser("tray@example.org", [{ role: "coordinator", siteId: sites.east }]);
    const east = await callerOf(userId);
    expect((await east.jobs.current()).map((one) => one.jobId).toSorted()).toEqual([
      "job-east",
      "job-platform",
    ]);
    const events = await east.audit.list({});
    expect(events.rows.map((row) => row.entityId)).toEqual([sites.east]);
    expect((await east.audit.list({ siteId: sites.north })).totalCount).toBe(0);
  });
});

describe("a session", () => {
  test("ends when the person's sessions are revoked", async () => {
    const { db } = database;
    const userId = await createUser("revoked@example.org", [{ role: "radiologist", siteId: sites.north }]);
    const session = { userId, sessionVersion: 1 };
    expect((await actorOfSession(db, session))?.userId).toBe(userId);
    await revokeSessions(db, { actorId: adminId, userId });
    expect(await actorOfSession(db, session)).toBeUndefined();
    expect((await actorOfSession(db, { userId, sessionVersion: 2 }))?.userId).toBe(userId);
  });

  test("ends when the person is disabled, and does not come back when enabled", async () => {
    const { db } = database;
    const userId = await createUser("disabled@example.org", []);
    await setDisabled(db, { actorId: adminId, userId, isDisabled: true });
    expect(await actorOfSession(db, { userId, sessionVersion: 2 })).toBeUndefined();
    await setDisabled(db, { actorId: adminId, userId, isDisabled: false });
    expect(await actorOfSession(db, { userId, sessionVersion: 1 })).toBeUndefined();
  });

  test("is nobody's where the token carries something else", async () => {
    expect(await actorOfSession(database.web, { userId: adminId })).toBeUndefined();
    expect(await actorOfSession(database.web, null)).toBeUndefined();
  });
});

describe("signing in", () => {
  const limits = (limit: number) => {
    let now = 0;
    const options = { limit, windowMs: 1_000, now: () => now };
    return {
      byEmail: createRateLimit(options),
      byAddress: createRateLimit({ ...options, limit: 100 }),
      wait: (ms: number) => (now += ms),
    };
  };
  const attempt = { email: "Admin@Example.org ", password, address: "192.0.2.7" };

  test("takes the right password, whatever the case of the address", async () => {
    const result = await signInWithPassword(database.web, attempt, limits(5));
    expect(result).toMatchObject({ ok: true, userId: adminId, sessionVersion: 1 });
  });

  test("refuses a wrong password, an unknown address and a disabled person alike", async () => {
    const { db } = database;
    const userId = await createUser("out@example.org", []);
    await setDisabled(db, { actorId: adminId, userId, isDisabled: true });
    const refused = { ok: false, code: "refused" };
    expect(await signInWithPassword(database.web, { ...attempt, password: "wrong" }, limits(5))).toEqual(
      refused,
    );
    expect(
      await signInWithPassword(database.web, { ...attempt, email: "who@example.org" }, limits(5)),
    ).toEqual(refused);
    expect(
      await signInWithPassword(database.web, { ...attempt, email: "out@example.org" }, limits(5)),
    ).toEqual(refused);
    expect(await verifyPassword(undefined, "no account has this password")).toBe(false);
  });

  test("refuses even the right password after too many attempts, until the window has passed", async () => {
    const window = limits(3);
    for (let index = 0; index < 3; index++) {
      await signInWithPassword(database.web, { ...attempt, password: "wrong" }, window);
    }
    expect(await signInWithPassword(database.web, attempt, window)).toEqual({
      ok: false,
      code: "rate-limited",
    });
    window.wait(1_001);
    expect(await signInWithPassword(database.web, attempt, window)).toMatchObject({ ok: true });
  });

  test("forgets the wrong attempts of an address that signs in, and none of where they came from", async () => {
    const window = { ...limits(3), byAddress: createRateLimit({ limit: 7, windowMs: 1_000, now: () => 0 }) };
    const tried = async (changed: Partial<typeof attempt>) => {
      const result = await signInWithPassword(database.web, { ...attempt, ...changed }, window);
      return result.ok ? "ok" : result.code;
    };
    const wrong = { password: "wrong" };
    for (const _round of [1, 2]) {
      expect([await tried(wrong), await tried(wrong), await tried({})]).toEqual(["refused", "refused", "ok"]);
    }
    // Addresses count as they are stored, however they are typed.
    expect(await tried({ ...wrong, email: "ADMIN@example.org" })).toBe("refused");
    expect(await tried({ email: "who@example.org" })).toBe("rate-limited");
    expect(await tried({ email: "who@example.org", address: "192.0.2.8" })).toBe("refused");
    const elsewhere = { ...wrong, address: "192.0.2.9" };
    expect([await tried(elsewhere), await tried(elsewhere), await tried(elsewhere)]).toEqual([
      "refused",
      "refused",
      "rate-limited",
    ]);
  });

  test("leaves an audit event for success and refusal", async () => {
    const { db } = database;
    const userId = await createUser("traced@example.org", []);
    const traced = { ...attempt, email: "traced@example.org" };
    await signInWithPassword(database.web, { ...traced, password: "wrong" }, limits(5));
    await signInWithPassword(database.web, traced, limits(5));
    const events = await db.auditEvent.findMany({
      where: { entityId: userId },
      orderBy: { sequence: "asc" },
    });
    expect(events.map((event) => event.action)).toEqual(["session.refused", "session.sign-in"]);
  });
});

describe("administration", () => {
  test("keeps the last platform administrator", async () => {
    const { db } = database;
    await expect(setMemberships(db, { actorId: adminId, userId: adminId, memberships: [] })).rejects.toThrow(
      /last/,
    );
    await expect(setDisabled(db, { actorId: adminId, userId: adminId, isDisabled: true })).rejects.toThrow(
      /own account/,
    );
    // One who is disabled administers nothing.
    const otherId = await createUser("other@example.org", [{ role: "admin", siteId: null }]);
    await setDisabled(db, { actorId: adminId, userId: otherId, isDisabled: true });
    await expect(setMemberships(db, { actorId: adminId, userId: adminId, memberships: [] })).rejects.toThrow(
      /last/,
    );
    await expect(setDisabled(db, { actorId: otherId, userId: adminId, isDisabled: true })).rejects.toThrow(
      /last/,
    );
  });

  test("refuses a radiologist on the whole platform", async () => {
    const admin = await callerOf(adminId);
    await expect(
      admin.admin.createUser({
        email: "r@example.org",
        name: "R",
        password: "long enough password",
        memberships: [{ role: "radiologist", siteId: null }],
      }),
    ).rejects.toMatchObject({ code: "BAD_REQUEST" });
  });
});

describe("a training run", () => {
  const plan = {
    architecture: "compact-cbam",
    strategy: "fedavg",
    rounds: 1,
    localEpochs: 1,
    batchSize: 4,
    learningRate: 0.001,
    proximalMu: 0,
    seed: 1,
    quorum: 1,
    roundDeadlineMinutes: 5,
    isAugmented: false,
  } as const;

  test("is launched on a frozen cohort, enqueued once, and cancelled once", async () => {
    const admin = await callerOf(adminId);
    const { cohortId } = await admin.cohorts.create({
      name: "For training",
      purpose: "",
      siteIds: [sites.north],
      fractions: { train: 0.6, tuning: 0.2, "internal-test": 0.2 },
      seed: 1,
    });
    const launch = { name: "Run", cohortId, siteIds: [sites.north], plan, initialCheckpointId: null };
    await expect(admin.training.launch(launch)).rejects.toMatchObject({ code: "UNPROCESSABLE_CONTENT" });
    await admin.cohorts.freeze({ cohortId });
    await expect(admin.training.launch({ ...launch, siteIds: [sites.east] })).rejects.toMatchObject({
      code: "BAD_REQUEST",
    });
    await expect(admin.training.launch({ ...launch, plan: { ...plan, quorum: 2 } })).rejects.toMatchObject({
      code: "BAD_REQUEST",
    });
    enqueued.length = 0;
    const { runId } = await admin.training.launch(launch);
    expect(enqueued).toEqual([{ kind: "prepare-run", payload: { runId } }]);
    await admin.training.cancel({ runId });
    expect((await admin.training.load({ runId })).state).toBe("cancelling");
    await expect(admin.training.cancel({ runId })).rejects.toMatchObject({ code: "CONFLICT" });
  });
});
