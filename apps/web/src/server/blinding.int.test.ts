import { join } from "node:path";
import type { Membership } from "@crossread/contracts/role";
import { studyFilterSchema } from "@crossread/contracts/study-browser";
import type { Actor } from "@crossread/db/people";
import { shuffleForReader } from "@crossread/db/reader-case-draw";
import { readInstance } from "@crossread/dicom/read-instance";
import { renderImage } from "@crossread/dicom/rendered-image";
import { fetchRequestHandler } from "@trpc/server/adapters/fetch";
import superjson from "superjson";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { testDatabase, type TestDatabase } from "../../../../tests/test-database.ts";
import { access, type ProcedureName } from "./access.ts";
import { seedBlindingWorld, type BlindingWorld } from "./testing/blinding-world.ts";
import { establish, originSecrets, secretsOf } from "./testing/two-truths.ts";
import { answerOf, differences, leaks, type Answer } from "./testing/compare-answers.ts";
import { inputsOfProcedures } from "./testing/every-call.ts";
import {
  appDirectory,
  callsOfRoutes,
  isServedOnly,
  routesOfApplication,
  type RouteCall,
} from "./testing/every-route.ts";
import type { RenderPool } from "./rendering/render-pool.ts";

vi.mock("server-only", () => ({}));
let actor: Actor | undefined;
const enqueue = { enqueue: async () => undefined };
// The routes under test open their services themselves.
vi.mock("./actor.ts", () => ({ loadActor: async () => actor }));
vi.mock("./blobs.ts", () => ({ blobs: () => world.store }));
vi.mock("./services.ts", () => ({
  database: () => database.web,
  objectStore: () => world.store,
  queue: async () => enqueue,
}));
vi.mock("../env.ts", () => ({
  env: () => ({
    NEXTAUTH_URL: "http://platform.test",
    NEXTAUTH_SECRET: "0".repeat(64),
    CROSSREAD_UPLOAD_STAGED_GIB: 1,
    CROSSREAD_MASTER_KEY: "0".repeat(64),
  }),
}));
vi.mock("./rendering/open-render-pool.ts", () => ({
  renderPool: (): Pick<RenderPool, "render"> => ({
    render: async ({ bytes, name, options }) => renderImage(readInstance(bytes, name), options),
  }),
}));

const { rootRouter } = await import("./root.ts");

let database: TestDatabase;
let world: BlindingWorld;
const base = "http://platform.test";

beforeAll(async () => {
  database = await testDatabase();
  world = await seedBlindingWorld(database.db);
});
afterAll(async () => {
  await database[Symbol.asyncDispose]();
});

const radiologist = (): Membership[] => world.siteIds.map((siteId) => ({ role: "radiologist", siteId }));
const everySite = (role: "coordinator" | "admin") => world.siteIds.map((siteId) => ({ role, siteId }));
const reader = () => world.readerId;
const arbitrator = () => world.ids["arbitratorId"] ?? "";
/** One person may hold several roles; each of them has a case to read or to arbitrate. */
const readers: [name: string, membershipsOf: () => Membership[], userIdOf: () => string][] = [
  ["a radiologist", radiologist, reader],
  ["a coordinator of every site", () => [...radiologist(), ...everySite("coordinator")], reader],
  ["a site admin", () => [...radiologist(), ...everySite("admin")], reader],
  ["a platform admin", () => [...radiologist(), { role: "admin", siteId: null }], reader],
  ["a platform auditor", () => [...radiologist(), { role: "auditor", siteId: null }], reader],
  ["an arbitrator", radiologist, arbitrator],
];

const typeOf = (name: string): string => {
  const procedure: unknown = Reflect.get(rootRouter._def.procedures, name);
  return String(Reflect.get(Object(Reflect.get(Object(procedure), "_def")), "type"));
};

type Handler = (request: Request, context: { params: Promise<Record<string, unknown>> }) => Promise<Response>;

/** Calls what the route exports with what Next would take from the path. */
async function callRoute(named: string, { body, headers, path }: RouteCall): Promise<Response> {
  const [method = "", route = ""] = named.split(" ");
  const module: Record<string, Handler> = await import(join(appDirectory, route, "route.ts"));
  const given = path.replace(/\?.*$/, "").split("/");
  const params: Record<string, unknown> = {};
  for (const [index, part] of route.split("/").entries()) {
    const rest = /^\[\.\.\.(.+)\]$/.exec(part)?.[1];
    const single = /^\[(.+)\]$/.exec(part)?.[1];
    if (rest !== undefined) params[rest] = given.slice(index);
    else if (single !== undefined) params[single] = given[index];
  }
  const handle = module[method];
  if (handle === undefined) throw new Error(`Route ${route} has no ${method}.`);
  const request = new Request(`${base}/${path}`, {
    method,
    ...(headers === undefined ? {} : { headers }),
    ...(body === undefined ? {} : { body }),
  });
  return handle(request, { params: Promise.resolve(params) });
}

async function callProcedure(name: ProcedureName, input: unknown): Promise<Answer> {
  const payload = JSON.stringify(superjson.serialize(input));
  const isMutation = typeOf(name) === "mutation";
  const query = isMutation || input === undefined ? "" : `?input=${encodeURIComponent(payload)}`;
  const request = new Request(`${base}/api/trpc/${name}${query}`, {
    method: isMutation ? "POST" : "GET",
    headers: {
      "content-type": "application/json",
      ...(typeOf(name) === "subscription" ? { accept: "text/event-stream" } : {}),
    },
    ...(isMutation ? { body: payload } : {}),
  });
  const response = await fetchRequestHandler({
    endpoint: "/api/trpc",
    req: request,
    router: rootRouter,
    createContext: () => ({ actor, db: database.web, queue: async () => enqueue }),
  });
  return answerOf(`${name} ${payload.slice(0, 120)}`, response);
}

async function everythingFor(memberships: readonly Membership[], userId = world.readerId): Promise<Answer[]> {
  actor = { userId, name: "Reader", email: "reader@example.org", memberships };
  const isKeeper = userId === world.ids["keeperId"];
  const answers: Answer[] = [];
  for (const [name, inputs] of Object.entries(inputsOfProcedures(world))) {
    // Who may change the labels would, and the truth would be gone.
    if (isKeeper && typeOf(name) === "mutation") continue;
    for (const input of inputs) answers.push(await callProcedure(name as ProcedureName, input));
  }
  for (const [route, calls] of Object.entries(callsOfRoutes(world.ids))) {
    if (isServedOnly(route)) continue;
    const method = route.split(" ")[0] ?? "";
    for (const call of calls) {
      const name = `${method === "GET" ? "" : `${method} `}${call.path}`;
      answers.push(await answerOf(name, await callRoute(route, call)));
    }
  }
  return answers;
}

test("every procedure and every method of every route has a row in the tables of calls", async () => {
  expect(Object.keys(inputsOfProcedures(world)).toSorted()).toEqual(Object.keys(access).toSorted());
  expect(Object.keys(callsOfRoutes(world.ids)).toSorted()).toEqual((await routesOfApplication()).toSorted());
});

test("every way to filter studies is tried", () => {
  const inputs = inputsOfProcedures(world);
  for (const name of ["studies.list", "studies.facets"] as const) {
    const tried = inputs[name].flatMap((input) => Object.keys(Object(Reflect.get(Object(input), "filter"))));
    expect([...new Set(tried)].toSorted(), name).toEqual(Object.keys(studyFilterSchema.shape).toSorted());
  }
});

/** Nothing of the kind is in this world, or only a reader may ask. */
const withoutAnswer = [
  "uploads.load",
  "quarantine.held",
  "reading.workList",
  "reading.session",
  "reading.aid",
  "arbitration.workList",
  "training.load",
  "validation.load",
  // Not called: a digest of the whole log follows every change.
  "audit.verify",
];
const nameOf = (call: string) => call.split(" ")[0] ?? "";

test("the calls find what they look for where somebody may know it", async () => {
  await establish(database.db, world, "A");
  const keeper = await everythingFor(
    [...everySite("coordinator"), { role: "admin", siteId: null }],
    world.ids["keeperId"] ?? "",
  );
  const secrets = [...Object.values(secretsOf("A")).flat(), ...originSecrets];
  expect(secrets.filter((secret) => leaks(keeper, [secret]).length === 0)).toEqual([]);
  const answered = new Set(keeper.flatMap(({ name, status }) => (status === 200 ? [nameOf(name)] : [])));
  const unanswered = Object.keys(access).filter((name) => typeOf(name) === "query" && !answered.has(name));
  expect(unanswered).toEqual(withoutAnswer);
});

describe.each(readers)("%s with a case to read", (_name, membershipsOf, userIdOf) => {
  test("is told nothing of it in any disguise, and gets the same bytes whatever the truth is", async () => {
    const everything = () => everythingFor(membershipsOf(), userIdOf());
    await establish(database.db, world, "A");
    // The first round opens the case and saves a draft; from then on asking changes nothing.
    const first = await everything();
    await establish(database.db, world, "A");
    const inA = await everything();
    await establish(database.db, world, "B");
    const inB = await everything();
    expect(leaks([...first, ...inA], Object.values(secretsOf("A")).flat())).toEqual([]);
    expect(differences(inA, inB)).toEqual([]);
    // Neither depends on the truth: the model would tell its scores, a token what the reader may not ask for.
    for (const start of ["api/checkpoints/", "connections.createToken"]) {
      const told = first.filter(({ name, status }) => name.startsWith(start) && status === 200);
      expect(told.map(({ name }) => name)).toEqual([]);
    }
  }, 240_000);
});

/** They say which sites there are; none of them speaks of a case. */
const tellsOfSites = ["session.me", "sites.list", "leaderboards.", "overview.load", "models."];

test("a radiologist is not told where a case is from or whose it is", async () => {
  await establish(database.db, world, "A");
  const answers = await everythingFor(radiologist(), reader());
  const aboutCases = answers.filter(({ name }) => !tellsOfSites.some((start) => name.startsWith(start)));
  const { caseId = "", studyInstanceUid = "", sopInstanceUid = "", studyId = "", mapId = "" } = world.ids;
  const origin = [...originSecrets, ...world.siteIds, studyInstanceUid, sopInstanceUid, "SECRET"];
  const asked = [caseId, studyId, mapId];
  const told = aboutCases.filter(({ status }) => status === 200);
  expect(told.map(({ name }) => nameOf(name))).toEqual(
    expect.arrayContaining(["reading.workList", "reading.open", "reading.saveDraft", "jobs.watch"]),
  );
  expect(leaks(told, [...origin, ...asked])).toEqual([]);
  expect(
    leaks(
      aboutCases.filter(({ status }) => status !== 200),
      [...originSecrets, "SECRET"],
    ),
  ).toEqual([]);
});

test("the ids of images and maps do not say when the image came, and with it from whom", () => {
  const ids = [...world.imageIds, world.ids["mapId"] ?? ""];
  expect(ids.length).toBeGreaterThan(4);
  // Version 7 begins with a time.
  expect(ids.filter((id) => id.charAt(14) !== "4")).toEqual([]);
});

test("the order in which a reader sees the cases says nothing about their label", () => {
  const caseIds = Array.from({ length: 40 }, (_, index) => `${index < 20 ? "malignant" : "normal"}-${index}`);
  let sum = 0;
  const seedCount = 200;
  for (let seed = 0; seed < seedCount; seed++) {
    const order = shuffleForReader(caseIds, seed, seed % 7);
    for (const [position, caseId] of order.entries()) if (caseId.startsWith("malignant")) sum += position;
  }
  // Mean position of 20 of 40 is 19.5; its standard error over the seeds is 1.87 / √200 = 0.13.
  expect(Math.abs(sum / seedCount / 20 - 19.5)).toBeLessThan(0.55);
});
