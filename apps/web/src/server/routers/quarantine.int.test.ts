import { randomUUID } from "node:crypto";
import type { Membership } from "@crossread/contracts/role";
import { recordArrivedFiles } from "@crossread/db/network-uploads";
import { settleFiles } from "@crossread/db/settle-files";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { heldFinding } from "../../../../../tests/held-finding.ts";
import { dicomWebWorld, type DicomWebWorld } from "../dicomweb/testing/dicomweb-world.ts";

vi.mock("server-only", () => ({}));
vi.mock("../services.ts", () => ({}));
vi.mock("../auth-options.ts", () => ({}));
vi.mock("../../env.ts", () => ({ env: () => ({ NEXTAUTH_URL: "https://crossread.example.org" }) }));

const { createCaller } = await import("../root.ts");
const { answerHeldPreview } = await import("../../features/quarantine/held-preview.ts");

let world: DicomWebWorld;
const enqueued: object[] = [];

beforeAll(async () => {
  world = await dicomWebWorld();
});

afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

const actorOf = (role: Membership["role"], siteId: string | null) => ({
  userId: world.personId,
  name: "Keeper",
  email: "keeper@example.org",
  memberships: [{ role, siteId }],
});

const callerOf = (role: Membership["role"], siteId: string | null) =>
  createCaller({
    actor: actorOf(role, siteId),
    db: world.web,
    queue: () =>
      Promise.resolve({
        enqueue: (_kind, payload) => {
          enqueued.push(payload);
          return Promise.resolve();
        },
      }),
  });

const previewFor = (role: Membership["role"], siteId: string | null, refusedFileId: string) =>
  answerHeldPreview({ actor: actorOf(role, siteId), db: world.web, store: world.store }, refusedFileId);

const place = { xPx: 10, yPx: 10, widthPx: 60, heightPx: 20 };

/** As the worker leaves a file behind whose pixels may hold text. */
async function hold(): Promise<{ refusedFileId: string; uploadId: string }> {
  const siteId = world.siteIds.north;
  const [uploadId, sha256] = [randomUUID(), randomUUID().replaceAll("-", "").repeat(2)];
  const arrived = { sha256, sizeBytes: 10, stagedKey: `uploads/${siteId}/${uploadId}/${sha256}.dcm` };
  const upload = { uploadId, siteId, now: new Date() };
  await recordArrivedFiles(world.db, { ...upload, source: "stow" }, [arrived]);
  const { id: fileId } = await world.db.uploadFile.findFirstOrThrow({ where: { uploadId } });
  const previewKey = `held/${uploadId}.png`;
  await world.store.put(previewKey, Uint8Array.of(0x89, 0x50));
  const finding = heldFinding(
    { sha256, sizeBytes: 10 },
    {
      blobKey: `held/${uploadId}.dcm`,
      previewKey,
      manufacturer: "HOLOGIC Inc.",
      model: "Selenia Dimensions",
      regions: [place],
    },
  );
  await settleFiles(world.db, { ...upload, heldBytesLimit: 1_000, found: [{ fileId, finding }] });
  const { id } = await world.db.refusedFile.findFirstOrThrow({ where: { sha256 } });
  return { refusedFileId: id, uploadId };
}

test("pixels that may name a person are shown to a coordinator of their site only, and who looked is written down", async () => {
  const { north } = world.siteIds;
  const { refusedFileId } = await hold();
  const response = await previewFor("coordinator", north, refusedFileId);
  expect([response.status, response.headers.get("cache-control")]).toEqual([200, "private, no-store"]);
  const looks = await world.db.auditEvent.findMany({ where: { action: "quarantine.look" } });
  expect(looks).toMatchObject([{ entityId: refusedFileId, siteId: north, actorId: world.personId }]);
  await expect(previewFor("coordinator", world.siteIds.east, refusedFileId)).rejects.toMatchObject({
    code: "not-found",
  });
  for (const [role, siteId] of [
    ["admin", null],
    ["admin", north],
    ["auditor", null],
    ["radiologist", north],
  ] as const) {
    await expect(previewFor(role, siteId, refusedFileId)).rejects.toMatchObject({ code: "forbidden" });
  }
});

test("a decision is its own site's, wakes the worker once, and can become a rule that is removed again", async () => {
  const { east, north } = world.siteIds;
  const [first, second] = [await hold(), await hold()];
  const decision = {
    refusedFileId: first.refusedFileId,
    answer: { kind: "mask" as const, regions: [place] },
    reach: "alike" as const,
    isRemembered: true,
  };
  await expect(callerOf("coordinator", east).quarantine.decide(decision)).rejects.toMatchObject({
    code: "NOT_FOUND",
  });
  const keeper = callerOf("coordinator", north);
  const seen = await keeper.quarantine.held({ refusedFileId: first.refusedFileId });
  expect(seen).toMatchObject({ siteId: north, regions: [place], isDecided: false });
  expect(JSON.stringify(seen)).not.toContain("held/");
  const { decidedCount } = await keeper.quarantine.decide(decision);
  expect(decidedCount).toBe(seen.alikeCount + 1);
  expect(enqueued).toContainEqual({ siteId: north, uploadId: second.uploadId });
  const wakings = enqueued.length;
  expect(await keeper.quarantine.decide(decision)).toEqual({ decidedCount: 0 });
  expect(enqueued).toHaveLength(wakings);

  const { mayRemove, rules } = await keeper.pixelRules.list({ siteId: north });
  expect({ mayRemove, rules }).toMatchObject({
    mayRemove: true,
    rules: [{ kind: "mask", regions: [place] }],
  });
  const removal = { siteId: north, ruleId: rules[0]?.ruleId ?? "" };
  const stranger = callerOf("coordinator", east);
  await expect(stranger.pixelRules.remove(removal)).rejects.toMatchObject({ code: "FORBIDDEN" });
  await expect(stranger.pixelRules.remove({ ...removal, siteId: east })).rejects.toMatchObject({
    code: "NOT_FOUND",
  });
  await keeper.pixelRules.remove(removal);
  expect((await keeper.pixelRules.list({ siteId: north })).rules).toEqual([]);
  const actions = await world.db.auditEvent.findMany({ where: { entityKind: "pixel-rule" } });
  expect(actions.map(({ action }) => action)).toEqual(["site.pixel-rule.add", "site.pixel-rule.remove"]);
});

test("a held file that is left out wakes the worker, which removes what was kept", async () => {
  const { refusedFileId, uploadId } = await hold();
  const keeper = callerOf("coordinator", world.siteIds.north);
  expect(await keeper.quarantine.dismiss({ refusedFileIds: [refusedFileId], reason: "Not needed." })).toBe(1);
  expect(enqueued.at(-1)).toEqual({ siteId: world.siteIds.north, uploadId });
  await expect(keeper.quarantine.held({ refusedFileId })).rejects.toMatchObject({ code: "NOT_FOUND" });
});
