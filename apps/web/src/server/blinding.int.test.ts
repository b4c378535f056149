import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { Membership } from "@crossread/contracts/role";
import type { Actor } from "@crossread/db/people";
import { shuffleForReader } from "@crossread/db/reader-case-draw";
import { fetchRequestHandler } from "@trpc/server/adapters/fetch";
import superjson from "superjson";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { testDatabase, type TestDatabase } from "../../../../tests/test-database.ts";
import { access, type ProcedureName } from "./access.ts";
import {
  establish,
  originSecrets,
  secretsOf,
  seedBlindingWorld,
  type BlindingWorld,
} from "./testing/blinding-world.ts";
import { inputsOfProcedures, pathsOfRoutes } from "./testing/every-call.ts";

vi.mock("server-only", () => ({}));
let actor: Actor | undefined;
const enqueue = { enqueue: async () => undefined };
// The routes under test open their services themselves.
vi.mock("./actor.ts", () => ({ loadActor: async () => actor }));
vi.mock("./blobs.ts", () => ({ blobs: () => world.store }));
vi.mock("./services.ts", () => ({
  database: () => database.db,
  objectStore: () => world.store,
  queue: async () => enqueue,
}));
vi.mock("../env.ts", () => ({
  env: () => ({
    NEXTAUTH_URL: "http://platform.test",
    CROSSREAD_UPLOAD_STAGED_GIB: 1,
    CROSSREAD_MASTER_KEY: "0".repeat(64),
  }),
}));
vi.mock("./rendering/open-render-pool.ts", () => ({
  renderPool: () => ({ render: async () => ({ bytes: new Uint8Array(), type: "image/png" }) }),
}));

const { rootRouter } = await import("./root.ts");

let database: TestDatabase;
let world: BlindingWorld;
const base = "http://platform.test/api";
const apiDirectory = join(import.meta.dirname, "../app/api");

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

interface Answer {
  readonly name: string;
  readonly status: number;
  /** Status, headers and body, one byte a character. */
  readonly bytes: string;
}

async function answerOf(name: string, response: Response): Promise<Answer> {
  const body = await firstBytes(response);
  // A multipart answer draws its boundary anew.
  const boundary = /boundary="?([^";]+)/.exec(response.headers.get("content-type") ?? "")?.[1];
  // Every write makes the database larger, and a reading session lasts longer at every call.
  const size = /"databaseBytes":\d+|"elapsedMs":\d+|"continuesAt":"[^"]+"/g;
  const text = `${response.status}\n${JSON.stringify([...response.headers])}\n${body.replaceAll(size, "")}`;
  return {
    name,
    status: response.status,
    bytes: boundary === undefined ? text : text.replaceAll(boundary, "boundary"),
  };
}

/** The whole body; of a stream that does not end, what comes at once. */
async function firstBytes(response: Response): Promise<string> {
  if (response.headers.get("content-type")?.startsWith("text/event-stream") !== true) {
    // An archive may break off: its status was sent before its first file was made.
    const body = await response.arrayBuffer().catch(() => new ArrayBuffer());
    return Buffer.from(body).toString("latin1");
  }
  const reader = response.body?.getReader();
  const parts: Buffer[] = [];
  const end = setTimeout(() => void reader?.cancel(), 300);
  for (;;) {
    const part = await reader?.read().catch(() => undefined);
    if (part === undefined || part.done) break;
    parts.push(Buffer.from(part.value as Uint8Array));
  }
  clearTimeout(end);
  return Buffer.concat(parts).toString("latin1");
}

const typeOf = (name: string): string => {
  const procedure: unknown = Reflect.get(rootRouter._def.procedures, name);
  return String(Reflect.get(Object(Reflect.get(Object(procedure), "_def")), "type"));
};

async function callProcedure(name: ProcedureName, input: unknown): Promise<Answer> {
  const payload = JSON.stringify(superjson.serialize(input));
  const isMutation = typeOf(name) === "mutation";
  const query = isMutation || input === undefined ? "" : `?input=${encodeURIComponent(payload)}`;
  const request = new Request(`${base}/trpc/${name}${query}`, {
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
    createContext: () => ({ actor, db: database.db, queue: async () => enqueue }),
  });
  return answerOf(`${name} ${payload.slice(0, 120)}`, response);
}

type Handler = (request: Request, context: { params: Promise<Record<string, unknown>> }) => Promise<Response>;

/** Calls the route's own GET with what Next would take from the path. */
async function callRoute(route: string, path: string): Promise<Answer> {
  const module: Record<string, Handler> = await import(join(apiDirectory, route, "route.ts"));
  const url = new URL(`${base}/${path}`);
  const given = path.replace(/\?.*$/, "").split("/");
  const params: Record<string, unknown> = {};
  for (const [index, part] of route.split("/").entries()) {
    const rest = /^\[\.\.\.(.+)\]$/.exec(part)?.[1];
    const single = /^\[(.+)\]$/.exec(part)?.[1];
    if (rest !== undefined) params[rest] = given.slice(index);
    else if (single !== undefined) params[single] = given[index];
  }
  const handle = module["GET"];
  if (handle === undefined) throw new Error(`Route ${route} has no GET.`);
  return answerOf(path, await handle(new Request(url), { params: Promise.resolve(params) }));
}

async function everythingFor(memberships: readonly Membership[], userId = world.readerId): Promise<Answer[]> {
  actor = { userId, name: "Reader", email: "reader@example.org", memberships };
  const answers: Answer[] = [];
  for (const [name, inputs] of Object.entries(inputsOfProcedures(world))) {
    // Who may change the labels would, and the truth would be gone.
    if (userId === world.ids["keeperId"] && typeOf(name) === "mutation") continue;
    for (const input of inputs) answers.push(await callProcedure(name as ProcedureName, input));
  }
  for (const [route, paths] of Object.entries(pathsOfRoutes(world))) {
    for (const path of paths ?? []) answers.push(await callRoute(route, path));
  }
  return answers;
}

/** A text as it stands, in hexadecimal and in base64 at each of its three alignments. */
function disguises(secret: string): string[] {
  const bytes = Buffer.from(secret);
  const base64 = [0, 1, 2].map((shift) => {
    const text = Buffer.concat([Buffer.alloc(shift), bytes]).toString("base64");
    // The first and last characters hold bits of the neighbours.
    return text.slice(Math.ceil((shift * 8) / 6), Math.floor(((shift + bytes.length) * 8) / 6));
  });
  return [secret, bytes.toString("hex"), ...base64];
}

/** A score as it stands, in percent, and rounded to three digits. */
function numberDisguises(score: string): string[] {
  const value = Number(score);
  return [score, value.toFixed(4), value.toFixed(3), (value * 100).toFixed(2), (value * 100).toFixed(1)];
}

function leaks(answers: readonly Answer[], secrets: readonly string[]): string[] {
  const needles = secrets.flatMap((secret) =>
    /^0\.\d+$/.test(secret) ? numberDisguises(secret) : disguises(secret),
  );
  return answers.flatMap(({ name, bytes }) =>
    needles.filter((needle) => bytes.includes(needle)).map((needle) => `${name}: ${needle}`),
  );
}

test("every procedure and every route has a row in the table of calls", async () => {
  expect(Object.keys(inputsOfProcedures(world)).toSorted()).toEqual(Object.keys(access).toSorted());
  const files = await readdir(apiDirectory, { recursive: true });
  const routes = files.flatMap((file) =>
    /\/route\.tsx?$/.test(file) ? [file.replace(/\/route\.tsx?$/, "")] : [],
  );
  expect(Object.keys(pathsOfRoutes(world)).toSorted()).toEqual(routes.toSorted());
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
  test("is told nothing of it by any procedure or route, in no disguise", async () => {
    await establish(database.db, world, "A");
    const answers = await everythingFor(membershipsOf(), userIdOf());
    expect(leaks(answers, Object.values(secretsOf("A")).flat())).toEqual([]);
  });

  test("gets the same bytes whatever the truth is", async () => {
    const everything = () => everythingFor(membershipsOf(), userIdOf());
    await establish(database.db, world, "A");
    // The first round opens the case and saves a draft; from then on asking changes nothing.
    await everything();
    await establish(database.db, world, "A");
    const inA = await everything();
    await establish(database.db, world, "B");
    const inB = await everything();
    const differing = inA.flatMap((answer, index) =>
      answer.bytes === inB[index]?.bytes ? [] : [whereDiffering(answer, inB[index])],
    );
    expect(differing).toEqual([]);
  });
});

function whereDiffering(a: Answer, b: Answer | undefined): string {
  const other = Buffer.from(b?.bytes ?? "", "latin1");
  const at = Buffer.from(a.bytes, "latin1").findIndex((byte, index) => byte !== other[index]);
  return `${a.name}: …${a.bytes.slice(Math.max(0, at - 60), at + 40)}… and …${b?.bytes.slice(Math.max(0, at - 60), at + 40)}…`;
}

/** They say which sites there are; none of them speaks of a case. */
const tellsOfSites = ["session.me", "sites.list", "leaderboards.", "overview.load", "models."];

test("a radiologist is not told where a case is from or whose it is", async () => {
  await establish(database.db, world, "A");
  const answers = await everythingFor(radiologist(), reader());
  const aboutCases = answers.filter(({ name }) => !tellsOfSites.some((start) => name.startsWith(start)));
  const { caseId = "", studyInstanceUid = "", sopInstanceUid = "", studyId = "", mapId = "" } = world.ids;
  const origin = [...originSecrets, ...world.siteIds, studyInstanceUid, sopInstanceUid, "SECRET"];
  const asked = [caseId, studyId, mapId];
  const weights = answers.find(({ name }) => name.startsWith("checkpoints/"));
  expect(weights?.status, weights?.bytes).toBe(403);
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
