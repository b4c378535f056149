import { randomUUID } from "node:crypto";
import { defaultReaderStudySettings } from "@crossread/contracts/reader-study-settings";
import type { Membership } from "@crossread/contracts/role";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { testDatabase, type TestDatabase } from "../../../../tests/test-database.ts";
import { access, type ProcedureName } from "./access.ts";
import { seedBlindingWorld, type BlindingWorld } from "./testing/blinding-world.ts";
import { inputsOfProcedures } from "./testing/every-call.ts";

vi.mock("server-only", () => ({}));
vi.mock("./services.ts", () => ({}));
vi.mock("./auth-options.ts", () => ({}));
vi.mock("../env.ts", () => ({
  env: () => ({ NEXTAUTH_URL: "http://platform.test", CROSSREAD_MASTER_KEY: "0".repeat(64) }),
}));

const { createCaller } = await import("./root.ts");

let database: TestDatabase;
let world: BlindingWorld;

beforeAll(async () => {
  database = await testDatabase();
  world = await seedBlindingWorld(database.db);
});

afterAll(async () => {
  await database[Symbol.asyncDispose]();
});

/** What the curious reader's table leaves malformed on purpose, as somebody would send it who means it. */
function seriousInputs(ids: Readonly<Record<string, string>>): Partial<Record<ProcedureName, unknown[]>> {
  const { checkpointId, cohortId, instanceId, nothing, readerStudyId, siteId, userId } = ids;
  const reason = "A reason";
  const mark = {
    markId: nothing,
    instanceId,
    geometry: { shape: "point", xPx: 1, yPx: 1 },
    kind: "mass",
    finding: "benign",
    pathology: null,
    descriptors: {},
  };
  const region = { xPx: 1, yPx: 1, widthPx: 5, heightPx: 5 };
  const plan = {
    name: "Study",
    cohortId,
    checkpointId,
    split: "internal-test",
    caseLimit: 2,
    seed: 1,
    settings: defaultReaderStudySettings,
    readerIds: [userId],
  };
  return {
    "uploads.open": [{ siteId, uploadId: nothing, profile: "basic", fileCount: 1, totalBytes: 1 }],
    "uploads.list": [{ siteId }],
    "quarantine.list": [{ siteId }, { uploadId: nothing }],
    "quarantine.codes": [{ siteId }],
    "quarantine.decide": [
      {
        refusedFileId: nothing,
        answer: { kind: "mask", regions: [region] },
        reach: "alike",
        isRemembered: true,
      },
    ],
    "deidentification.siteKey": [{ siteId }],
    "labels.changeMarks": [
      { caseId: ids["caseId"], version: 0, marks: [mark], reason, acknowledgesFrozen: true },
    ],
    "labels.applyImport": [
      {
        table: {
          siteId,
          fileSha256: "0".repeat(64),
          rows: [
            {
              rowNumber: 2,
              key: { by: "pseudonym", pseudonym: "XR-1", studyDate: null },
              breasts: { L: { finding: "benign", source: "pathology" } },
            },
          ],
          refusedRows: [],
        },
        mapping: {
          columns: { pseudonym: "id" },
          findings: {},
          dateOrder: "ymd",
          source: "pathology",
          densitySource: "reader",
          areHospitalIds: false,
          normalMeansBoth: false,
        },
        reason,
        planDigest: "0".repeat(64),
        acknowledgesFrozen: true,
      },
    ],
    "labels.imports": [{ siteId }],
    "labels.undo": [{ importId: ids["importId"], reason, acknowledgesFrozen: true }],
    "readerStudies.create": [plan],
    "readerStudies.change": [{ ...plan, readerStudyId }],
    "readerStudies.close": [{ readerStudyId }],
    "readerStudies.addReader": [{ readerStudyId, readerId: userId }],
    "readerStudies.withdrawReader": [{ readerStudyId, readerId: userId, reason }],
    "arbitration.choices": [{ readerStudyId }],
    "connections.saveDimse": [
      {
        siteId,
        endpoint: { aeTitle: "NODE", isEnabled: true, peers: [{ aeTitle: "PACS", address: "192.0.2.1" }] },
      },
      { siteId, endpoint: null },
    ],
    "admin.createUser": [
      {
        email: `${nothing}@example.org`,
        name: "Somebody",
        password: "a password that is long",
        memberships: [{ siteId, role: "coordinator" }],
      },
    ],
    "admin.setRoles": [{ userId: nothing, memberships: [{ siteId, role: "coordinator" }] }],
    "leaderboards.models": [{ cohortId, split: "internal-test" }],
    "leaderboards.sites": [{ checkpointId }],
    "audit.list": [{ siteId, entityId: nothing, actorId: userId }],
    "admin.jobs": [{ offset: 0, siteId }],
  };
}

/** How each call of a procedure ends, with what it said where that is nothing of ours. */
async function endsOf(caller: object, inputs: Readonly<Record<string, readonly unknown[]>>) {
  const ends: Record<string, string[]> = {};
  for (const [name, given] of Object.entries(inputs)) {
    const [group = "", procedure = ""] = name.split(".");
    const call: unknown = Reflect.get(Object(Reflect.get(caller, group)), procedure);
    if (typeof call !== "function") throw new Error(`There is no procedure ${name}.`);
    for (const input of given) {
      const end = await endOf(async () => (await call(input)) as unknown);
      ends[name] = [...(ends[name] ?? []), end];
    }
  }
  return ends;
}

async function endOf(call: () => Promise<unknown>): Promise<string> {
  try {
    const answer = await call();
    if (typeof answer === "object" && answer !== null && Symbol.asyncIterator in answer) {
      for await (const _first of answer as AsyncIterable<unknown>) break;
    }
    return "OK";
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "no code";
    return code === "INTERNAL_SERVER_ERROR" || code === "no code" ? `${code}: ${String(error)}` : code;
  }
}

const unforeseen = (ends: Readonly<Record<string, readonly string[]>>) =>
  Object.entries(ends).flatMap(([name, found]) =>
    found.filter((end) => /^(INTERNAL_SERVER_ERROR|no code)/.test(end)).map((end) => `${name}: ${end}`),
  );

function callerWith(memberships: readonly Membership[]) {
  const userId = world.ids["keeperId"] ?? "";
  return createCaller({
    actor: { userId, name: "Keeper", email: "keeper@example.org", memberships },
    db: database.web,
    queue: () => Promise.resolve({ enqueue: () => Promise.resolve() }),
  });
}

/** Every role there is, so that nothing is refused before its ids are looked at. */
const everyRole = (): Membership[] => [
  { role: "admin", siteId: null },
  { role: "auditor", siteId: null },
  ...world.siteIds.flatMap((siteId) =>
    (["coordinator", "radiologist", "admin"] as const).map((role) => ({ role, siteId })),
  ),
];

/** Every input of every procedure, with those ids in it. */
function callsWith(ids: Readonly<Record<string, string>>): Record<string, readonly unknown[]> {
  const curious = inputsOfProcedures({ ids, pendingCaseIds: [ids["caseId"] ?? ""] });
  const serious = seriousInputs(ids);
  return Object.fromEntries(
    (Object.keys(access) as ProcedureName[]).map((name) => [
      name,
      [...curious[name], ...(serious[name] ?? [])],
    ]),
  );
}

const each = (idOf: (name: string) => string) =>
  Object.fromEntries(Object.keys(world.ids).map((name) => [name, idOf(name)]));

/** Those that tell of one thing that they are asked for by its id. */
const asksForOne =
  /\.(load|held|receipt|report|record|results|cleanliness|leaks|openCase)$|^reading\.(open|aid|session)$|^training\.watch$/;

test("an id that nobody has ever had is not found, or refused as input, by every procedure", async () => {
  const ends = await endsOf(callerWith(everyRole()), callsWith(each(() => randomUUID())));
  expect(unforeseen(ends)).toEqual([]);
  const found = Object.entries(ends).filter(
    ([name, codes]) => asksForOne.test(name) && codes.some((code) => code !== "NOT_FOUND"),
  );
  // What is there for everybody, and what is refused before anything is looked for.
  expect(Object.fromEntries(found)).toEqual({ "overview.load": ["OK"] });
});

test("what is no id is refused as input by every procedure that takes one", async () => {
  for (const wrong of ["not-an-id", "' OR 1=1 --", "00000000-0000-7000-8000-00000000000g", ""]) {
    const ends = await endsOf(callerWith(everyRole()), callsWith(each(() => wrong)));
    expect(unforeseen(ends), wrong).toEqual([]);
    const taken = Object.entries(ends).filter(
      ([name, codes]) => asksForOne.test(name) && codes.some((code) => code !== "BAD_REQUEST"),
    );
    expect(Object.fromEntries(taken), wrong).toEqual({ "overview.load": ["OK"] });
  }
});

test("ids of another site, and of something else than is asked for, fail for no procedure either", async () => {
  const [, elsewhere = ""] = world.siteIds.toSorted((a) => (a === world.ids["siteId"] ? -1 : 1));
  const coordinator = callerWith([{ role: "coordinator", siteId: elsewhere }]);
  expect(unforeseen(await endsOf(coordinator, callsWith(world.ids)))).toEqual([]);
  // Rotated by one, every id is of another kind.
  const names = Object.keys(world.ids);
  const rotated = each((name) => world.ids[names[(names.indexOf(name) + 1) % names.length] ?? ""] ?? "");
  expect(unforeseen(await endsOf(callerWith(everyRole()), callsWith(rotated)))).toEqual([]);
});
