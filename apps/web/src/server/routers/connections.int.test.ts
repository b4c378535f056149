import type { Membership } from "@crossread/contracts/role";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { dicomWebWorld, type DicomWebWorld } from "../dicomweb/testing/dicomweb-world.ts";

vi.mock("server-only", () => ({}));
vi.mock("../services.ts", () => ({}));
vi.mock("../auth-options.ts", () => ({}));
vi.mock("../../env.ts", () => ({
  env: () => ({ NEXTAUTH_URL: "https://crossread.example.org", CROSSREAD_DIMSE_PORT: 11_112 }),
}));

const { createCaller } = await import("../root.ts");

let world: DicomWebWorld;

beforeAll(async () => {
  world = await dicomWebWorld();
});

afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

const callerOf = (role: Membership["role"], siteId: string | null) =>
  createCaller({
    actor: {
      userId: world.personId,
      name: "Keeper",
      email: "keeper@example.org",
      memberships: [{ role, siteId }],
    },
    db: world.web,
    queue: () => Promise.reject(new Error("no job is wanted")),
  });

const node = { aeTitle: "CROSSREAD", isEnabled: true, peers: [{ aeTitle: "PACS", address: "192.0.2.0/24" }] };

describe("tokens of a site", () => {
  test("are shown once, work for what they may, and end when revoked", async () => {
    const { north } = world.siteIds;
    const keeper = callerOf("coordinator", north);
    const made = await keeper.connections.createToken({
      siteId: north,
      name: "PACS export",
      scopes: ["read"],
      expiresInDays: 30,
    });
    world.setNow(new Date());
    expect((await world.call("studies", { token: made.token })).status).toBe(200);
    const before = await keeper.connections.load({ siteId: north });
    expect(before).toMatchObject({
      tokens: [{ tokenId: made.tokenId, name: "PACS export", scopes: ["read"], state: "in-force" }],
      dicomWebUrl: "https://crossread.example.org/api/dicomweb",
      mayChangeTokens: true,
      mayChangeDimse: false,
    });
    expect(JSON.stringify(before)).not.toContain(made.token.slice(-43));
    await keeper.connections.revokeToken({ siteId: north, tokenId: made.tokenId });
    expect((await world.call("studies", { token: made.token })).status).toBe(401);
    expect((await keeper.connections.load({ siteId: north })).tokens[0]?.state).toBe("revoked");
    const events = await world.db.auditEvent.findMany({ where: { entityId: made.tokenId } });
    expect(events.map(({ action }) => action)).toEqual(["api-token.create", "api-token.revoke"]);
    expect(JSON.stringify(events.map(({ details }) => details))).not.toContain(made.token.slice(-43));
  });

  test("are no concern of another site's coordinator, nor of a radiologist", async () => {
    const { east, north } = world.siteIds;
    const stranger = callerOf("coordinator", east);
    const asked = { siteId: north, name: "x", scopes: ["read" as const], expiresInDays: null };
    await expect(stranger.connections.createToken(asked)).rejects.toMatchObject({ code: "FORBIDDEN" });
    await expect(stranger.connections.load({ siteId: north })).rejects.toMatchObject({ code: "FORBIDDEN" });
    const reader = callerOf("radiologist", north);
    await expect(reader.connections.load({ siteId: north })).rejects.toMatchObject({ code: "FORBIDDEN" });
    const auditor = callerOf("auditor", north);
    expect(await auditor.connections.load({ siteId: north })).toMatchObject({ mayChangeTokens: false });
  });

  test("have a scope", async () => {
    const { north } = world.siteIds;
    const asked = { siteId: north, name: "x", scopes: [], expiresInDays: null };
    await expect(callerOf("coordinator", north).connections.createToken(asked)).rejects.toMatchObject({
      code: "BAD_REQUEST",
    });
  });
});

describe("the DICOM node of a site", () => {
  test("is seen by its people and changed by an admin only", async () => {
    const { north } = world.siteIds;
    const keeper = callerOf("coordinator", north);
    const change = { siteId: north, endpoint: node };
    await expect(keeper.connections.saveDimse(change)).rejects.toMatchObject({ code: "FORBIDDEN" });
    await callerOf("admin", null).connections.saveDimse(change);
    expect((await keeper.connections.load({ siteId: north })).dimse).toEqual({
      endpoint: node,
      host: "crossread.example.org",
      port: 11_112,
    });
  });

  test("has an AE title of its own, and senders with addresses", async () => {
    const { east } = world.siteIds;
    const admin = callerOf("admin", east);
    await expect(admin.connections.saveDimse({ siteId: east, endpoint: node })).rejects.toMatchObject({
      code: "CONFLICT",
    });
    for (const wrong of [
      { ...node, aeTitle: "LONGER THAN SIXTEEN" },
      { ...node, aeTitle: "BACK\\SLASH" },
      { ...node, aeTitle: "EAST", peers: [{ aeTitle: "PACS", address: "pacs.example.org" }] },
      { ...node, aeTitle: "EAST", peers: [{ aeTitle: "", address: "192.0.2.1" }] },
    ]) {
      await expect(admin.connections.saveDimse({ siteId: east, endpoint: wrong })).rejects.toMatchObject({
        code: "BAD_REQUEST",
      });
    }
  });
});
