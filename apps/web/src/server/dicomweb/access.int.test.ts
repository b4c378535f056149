import type { Membership } from "@crossread/contracts/role";
import { markApiTokenUsed, revokeApiToken } from "@crossread/db/api-tokens";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { DicomWebService } from "./dicomweb-access.ts";
import {
  dicomWebWorld,
  mammogram,
  multipartBody,
  multipartHeaders,
  type DicomWebWorld,
} from "./testing/dicomweb-world.ts";

let world: DicomWebWorld;
const instance = "studies/2.25.100/series/2.25.101/instances/2.25.102";

const requests: Record<DicomWebService, [path: string, init?: RequestInit]> = {
  store: ["studies", { method: "POST", headers: multipartHeaders(), body: multipartBody([mammogram()]) }],
  search: ["studies"],
  retrieve: ["studies/2.25.100"],
  metadata: ["studies/2.25.100/metadata"],
  frames: [`${instance}/frames/1`],
  rendered: [`${instance}/rendered`],
  thumbnail: [`${instance}/thumbnail`],
  bulkdata: [`${instance}/bulkdata/7FE00010`],
};
const services = Object.keys(requests) as DicomWebService[];
const reading = services.filter((service) => service !== "store");

async function statuses(token: string | undefined): Promise<Record<string, number>> {
  const found: Record<string, number> = {};
  for (const service of services) {
    const [path, init] = requests[service];
    const response = await world.call(path, { ...init, ...(token === undefined ? {} : { token }) });
    found[service] = response.status;
    const isChallenged = response.headers.get("www-authenticate")?.startsWith("Bearer ") === true;
    expect(isChallenged).toBe(response.status === 401);
    await response.arrayBuffer();
  }
  return found;
}

const all = (status: number) => Object.fromEntries(services.map((service) => [service, status]));
const readers = (status: number, storeStatus: number) => ({
  ...Object.fromEntries(reading.map((service) => [service, status])),
  store: storeStatus,
});

beforeAll(async () => {
  world = await dicomWebWorld();
  await world.keep("north", mammogram());
});

afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

describe("tokens", () => {
  test("both scopes use every service of their site", async () => {
    const { token } = await world.token("north", ["write", "read"]);
    expect(await statuses(token)).toEqual(all(200));
  });

  test("may do what their scope says and nothing else", async () => {
    const writer = await world.token("north", ["write"]);
    expect(await statuses(writer.token)).toEqual(readers(403, 200));
    const reader = await world.token("north", ["read"]);
    expect(await statuses(reader.token)).toEqual(readers(200, 403));
  });

  test("of another site find nothing of this one", async () => {
    const { token } = await world.token("east", ["read", "write"]);
    expect(await statuses(token)).toEqual({ ...all(404), search: 200, store: 200 });
    const found = await world.call("studies", { token });
    expect(await found.json()).toEqual([]);
    const bySeries = await world.call("instances?StudyInstanceUID=2.25.100", { token });
    expect(await bySeries.json()).toEqual([]);
  });

  test("end when they expire, when they are revoked and when their site is closed", async () => {
    const expiring = await world.token("north", ["read", "write"], new Date("2026-01-01T13:00:00Z"));
    expect((await statuses(expiring.token))["search"]).toBe(200);
    world.setNow(new Date("2026-01-01T13:00:00Z"));
    expect(await statuses(expiring.token)).toEqual(all(401));
    const revoked = await world.token("north", ["read", "write"]);
    const { personId: actorId, siteIds } = world;
    const at = new Date("2026-01-01T13:00:01Z");
    await expect(
      revokeApiToken(world.db, { siteId: siteIds.east, tokenId: revoked.tokenId, actorId, at }),
    ).rejects.toMatchObject({ code: "not-found" });
    await revokeApiToken(world.db, { siteId: siteIds.north, tokenId: revoked.tokenId, actorId, at });
    expect(await statuses(revoked.token)).toEqual(all(401));
    const closed = await world.token("east", ["read", "write"]);
    await world.db.site.update({ where: { id: siteIds.east }, data: { isActive: false } });
    expect(await statuses(closed.token)).toEqual(all(401));
    await world.db.site.update({ where: { id: siteIds.east }, data: { isActive: true } });
  });

  test("are refused without one, with a forged secret, and with something else than a token", async () => {
    const { token } = await world.token("north", ["read", "write"]);
    const forged = `${token.slice(0, -43)}${"A".repeat(43)}`;
    for (const wrong of [undefined, forged, "password", `${token}x`, ""]) {
      expect(await statuses(wrong)).toEqual(all(401));
    }
    const basic = await world.call("studies", { headers: { authorization: "Basic dXNlcjpwYXNz" } });
    expect(basic.status).toBe(401);
  });

  test("note when they were used, and are stored as a digest only", async () => {
    const { token, tokenId } = await world.token("north", ["read"]);
    await world.call("studies", { token });
    const row = await world.db.apiToken.findUniqueOrThrow({ where: { id: tokenId } });
    expect(row.lastUsedAt).not.toBeNull();
    const secret = token.slice(-43);
    expect(secret).toMatch(/^[\w-]{43}$/u);
    expect(JSON.stringify(row)).not.toContain(secret);
  });

  test("note a use once a minute", async () => {
    const { tokenId } = await world.token("north", ["read"]);
    const usedAt = async (seconds: number) => {
      await markApiTokenUsed(world.db, { tokenId, at: new Date(Date.UTC(2026, 0, 1, 12, 0, seconds)) });
      const row = await world.db.apiToken.findUniqueOrThrow({ where: { id: tokenId } });
      return row.lastUsedAt?.toISOString().slice(14, 19);
    };
    expect([await usedAt(0), await usedAt(59), await usedAt(61), await usedAt(90)]).toEqual([
      "00:00",
      "00:00",
      "01:01",
      "01:01",
    ]);
  });

  test("wait after too many wrong ones from an address, and after too many requests with one", async () => {
    const { token, tokenId } = await world.token("north", ["read"]);
    const asked: string[] = [];
    const spent = { take: (key: string) => asked.push(key) === 0, clear: () => undefined };
    const { handleDicomWeb } = await import("./handle-dicomweb.ts");
    for (const [name, authorization] of [
      ["refused", "Bearer wrong"],
      ["requests", `Bearer ${token}`],
    ] as const) {
      const limits = { ...world.services.limits, [name]: spent };
      const headers = { authorization, "x-forwarded-for": "192.0.2.1, 10.0.0.1" };
      const request = new Request(`${world.services.baseUrl}/studies`, { headers });
      const response = await handleDicomWeb(request, "studies", { ...world.services, limits });
      expect(response.status, name).toBe(429);
      expect(response.headers.get("retry-after")).toBe("60");
    }
    expect(asked).toEqual(["192.0.2.1", tokenId]);
  });
});

describe("people", () => {
  const signIn = (memberships: Membership[]) =>
    world.signIn({
      userId: world.personId,
      name: "Someone",
      email: "keeper@example.org",
      memberships,
    });

  test("read their sites by their roles, never store, and radiologists read nothing", async () => {
    const { north, east } = world.siteIds;
    signIn([{ role: "coordinator", siteId: north }]);
    expect(await statuses(undefined)).toEqual(readers(200, 401));
    signIn([{ role: "admin", siteId: null }]);
    expect(await statuses(undefined)).toEqual(readers(200, 401));
    signIn([{ role: "coordinator", siteId: east }]);
    expect(await statuses(undefined)).toEqual({ ...all(404), search: 200, store: 401 });
    signIn([{ role: "radiologist", siteId: north }]);
    expect(await statuses(undefined)).toEqual(readers(403, 401));
    world.signIn(undefined);
  });

  test("do not see a case that they still have to read, whatever their other roles", async () => {
    const { db, personId, siteIds } = world;
    signIn([{ role: "coordinator", siteId: siteIds.north }]);
    // Made while nothing was to be read; of another site as well, which would tell that no case is from there.
    const made = await world.token("north", ["read", "write"]);
    const elsewhere = await world.token("east", ["read"]);
    const other = await db.user.create({
      data: { email: "other@example.org", name: "Other", passwordHash: "x" },
    });
    const ofSomebodyElse = await world.token("north", ["read", "write"]);
    await db.apiToken.update({ where: { id: ofSomebodyElse.tokenId }, data: { createdBy: other.id } });
    expect(await statuses(made.token)).toEqual(all(200));
    const { id: caseId } = await db.case.findFirstOrThrow({ where: { siteId: siteIds.north } });
    const cohort = await db.cohort.create({ data: { name: "Blind", seed: 1 } });
    const checkpoint = await db.checkpoint.create({
      data: { name: "c", sha256: "c", blobKey: "checkpoints/c", manifest: {}, roundNumber: 0 },
    });
    const study = await db.readerStudy.create({
      data: {
        name: "Blind",
        cohortId: cohort.id,
        checkpointId: checkpoint.id,
        seed: 1,
        state: "open",
        readers: { create: { readerId: personId, place: 0, participation: "accepted" } },
      },
    });
    await db.readingAssignment.create({
      data: { readerStudyId: study.id, readerId: personId, caseId, position: 0 },
    });
    expect(await statuses(undefined)).toEqual({ ...all(404), search: 200, store: 401 });
    expect(await (await world.call("studies")).json()).toEqual([]);
    expect(await statuses(made.token)).toEqual(readers(403, 200));
    expect(await statuses(elsewhere.token)).toEqual(all(403));
    expect(await statuses(ofSomebodyElse.token)).toEqual(all(200));
    await db.readerStudy.update({ where: { id: study.id }, data: { state: "closed" } });
    expect(await statuses(undefined)).toEqual(readers(200, 401));
    expect(await statuses(made.token)).toEqual(all(200));
    world.signIn(undefined);
  });
});
