import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { handleDicomWeb } from "./handle-dicomweb.ts";
import {
  dicomWebWorld,
  mammogram,
  multipartBody,
  multipartHeaders,
  type DicomWebWorld,
} from "./testing/dicomweb-world.ts";

let world: DicomWebWorld;
let token: string;

beforeAll(async () => {
  world = await dicomWebWorld({ maxInstanceBytes: 100_000, maxRequestBytes: 1_000_000, maxInstances: 10 });
  ({ token } = await world.token("north", ["write"]));
});

afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

const send = (
  files: readonly Uint8Array[],
  options: { path?: string; accept?: string; body?: BodyInit; headers?: Record<string, string> } = {},
) =>
  world.call(options.path ?? "studies", {
    method: "POST",
    token,
    headers: {
      ...multipartHeaders(),
      accept: options.accept ?? "application/dicom+json",
      ...options.headers,
    },
    body: options.body ?? multipartBody(files),
  });

function lastUploadId(): string {
  const payload = world.enqueued.at(-1)?.payload ?? {};
  return "uploadId" in payload ? String(payload.uploadId) : "";
}

const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
const mg = "1.2.840.10008.5.1.4.1.1.1.2";
const reference = (sopInstanceUid: string) => ({
  "00081150": { vr: "UI", Value: [mg] },
  "00081155": { vr: "UI", Value: [sopInstanceUid] },
});
const stagedKeys = () => world.store.list("uploads/");

describe("STOW-RS", () => {
  test("keeps every instance, says so, and hands them to the worker once", async () => {
    const files = [mammogram({ sopInstanceUid: "2.25.1" }), mammogram({ sopInstanceUid: "2.25.2" })];
    const response = await send(files);
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe("application/dicom+json");
    expect(await response.json()).toEqual({
      "00081190": { vr: "UR" },
      "00081199": {
        vr: "SQ",
        Value: ["2.25.1", "2.25.2"].map((uid) => ({ ...reference(uid), "00081190": { vr: "UR" } })),
      },
    });
    const job = world.enqueued.at(-1);
    expect(job).toMatchObject({ kind: "ingest-upload", payload: { siteId: world.siteIds.north } });
    const uploadId = lastUploadId();
    const upload = await world.db.upload.findUniqueOrThrow({
      where: { id: uploadId },
      include: { files: true },
    });
    expect(upload).toMatchObject({ source: "stow", state: "ingesting", announcedFiles: 2 });
    expect(upload.files.map((file) => `${file.state} ${file.sha256 ?? ""}`).toSorted()).toEqual(
      files.map((bytes) => `staged ${sha256(bytes)}`).toSorted(),
    );
    for (const file of upload.files) {
      expect(file.stagedKey).toMatch(new RegExp(`/${uploadId}/.*${file.sha256 ?? "none"}\\.dcm$`));
      expect(sha256(await world.store.get(file.stagedKey ?? ""))).toBe(file.sha256);
    }
  });

  test("puts requests that come close together into one upload, which a later one opens again", async () => {
    const uploadWindow = { join: () => "01a20000-0000-7000-8000-000000000001", settle: () => undefined };
    const services = { ...world.services, uploadWindow };
    const request = (sopInstanceUid: string) =>
      handleDicomWeb(
        new Request(`${world.services.baseUrl}/studies`, {
          method: "POST",
          headers: { ...multipartHeaders(), authorization: `Bearer ${token}` },
          body: multipartBody([mammogram({ sopInstanceUid })]),
        }),
        "studies",
        services,
      );
    const load = () =>
      world.db.upload.findUniqueOrThrow({ where: { id: uploadWindow.join() }, include: { files: true } });
    expect((await request("2.25.21")).status).toBe(200);
    await world.db.upload.update({
      where: { id: uploadWindow.join() },
      data: { state: "finished", finishedAt: new Date() },
    });
    expect((await request("2.25.22")).status).toBe(200);
    const upload = await load();
    expect(upload).toMatchObject({ state: "ingesting", finishedAt: null, announcedFiles: 2 });
    expect(upload.files.map(({ state }) => state)).toEqual(["staged", "staged"]);
  });

  test("takes what was accepted before without keeping it again", async () => {
    const bytes = mammogram({ sopInstanceUid: "2.25.3" });
    await send([bytes]);
    await world.db.uploadFile.updateMany({ where: { sha256: sha256(bytes) }, data: { state: "accepted" } });
    const [jobs, keys] = [world.enqueued.length, await stagedKeys()];
    const response = await send([bytes]);
    expect(response.status).toBe(200);
    expect(world.enqueued).toHaveLength(jobs);
    expect(await stagedKeys()).toEqual(keys);
    const states = await world.db.upload.findMany({
      where: { files: { some: { sha256: sha256(bytes), state: "known" } } },
    });
    expect(states.map(({ state }) => state)).toEqual(["finished"]);
  });

  test("says of each instance what is wrong with it, and lists it for the site", async () => {
    const good = mammogram({ sopInstanceUid: "2.25.4" });
    const raw = mammogram({ sopInstanceUid: "2.25.5", presentationIntent: "FOR PROCESSING", windows: [] });
    const response = await send([
      good,
      raw,
      Buffer.from("no DICOM at all"),
      good.subarray(0, good.length - 100),
    ]);
    expect(response.status).toBe(202);
    const answer = (await response.json()) as Record<
      string,
      { Value: Record<string, { Value?: unknown[] }>[] }
    >;
    expect(answer["00081199"]?.Value).toHaveLength(1);
    expect(answer["00081198"]?.Value.map((item) => item["00081197"]?.Value?.[0])).toEqual([
      0x0122, 0xc000, 0xc000,
    ]);
    const uploadId = lastUploadId();
    expect(await world.db.uploadFile.count({ where: { uploadId, state: "staged" } })).toBe(4);
  });

  test("refuses instances of another study than the address names", async () => {
    const keys = await stagedKeys();
    const response = await send([mammogram()], { path: "studies/2.25.999" });
    expect(response.status).toBe(409);
    expect(await stagedKeys()).toEqual(keys);
    expect((await send([mammogram()], { path: "studies/2.25.100" })).status).toBe(200);
  });

  test("takes one instance without wrapping, and answers in XML where asked", async () => {
    const response = await send([], {
      accept: "application/dicom+xml",
      headers: { "content-type": "application/dicom" },
      body: new Uint8Array(mammogram({ sopInstanceUid: "2.25.6" })),
    });
    expect(response.status).toBe(200);
    const text = await response.text();
    expect(text).toContain('<DicomAttribute tag="00081155" vr="UI"><Value number="1">2.25.6</Value>');
  });

  const whole = multipartBody([mammogram({ sopInstanceUid: "2.25.7" })]);
  const refusals: [string, Parameters<typeof send>[1], number][] = [
    ["a body that ends half-way", { body: whole.subarray(0, whole.length - 300) }, 400],
    ["no instance", { body: "--boundary--" }, 400],
    ["another content type", { headers: { "content-type": "application/json" } }, 415],
    [
      "metadata and bulk data apart",
      { headers: { "content-type": 'multipart/related; type="application/dicom+json"; boundary=boundary' } },
      415,
    ],
    [
      "a part of another type",
      { body: "--boundary\r\nContent-Type: text/html\r\n\r\n<p>\r\n--boundary--" },
      415,
    ],
    ["an instance above the limit", { body: multipartBody([new Uint8Array(100_001)]) }, 413],
    ["a request above the limit", { body: new Uint8Array(1_000_001) }, 413],
    [
      "more instances than the limit",
      { body: multipartBody(Array.from({ length: 11 }, () => Buffer.from("x"))) },
      413,
    ],
    ["an answer in a form that there is none", { body: whole, accept: "text/html" }, 406],
  ];
  test.each(refusals)("refuses %s and leaves nothing behind", async (_name, options, status) => {
    const [keys, jobs] = [await stagedKeys(), world.enqueued.length];
    const response = await send([], options);
    expect(response.status).toBe(status);
    expect(await stagedKeys()).toEqual(keys);
    expect(world.enqueued).toHaveLength(jobs);
  });

  test("sends senders away while too much waits, and says when to come back", async () => {
    const limited = { ...world.services, storeLimits: { ...world.services.storeLimits, maxStagedFiles: 1 } };
    const request = new Request(`${world.services.baseUrl}/studies`, {
      method: "POST",
      headers: { ...multipartHeaders(), authorization: `Bearer ${token}` },
      body: whole,
    });
    const response = await handleDicomWeb(request, "studies", limited);
    expect(response.status).toBe(503);
    expect(response.headers.get("retry-after")).toBe("30");
  });

  test("names neither patient nor file in its audit event", async () => {
    await send([mammogram({ sopInstanceUid: "2.25.8", subjectId: "DOE JANE" })]);
    const event = await world.db.auditEvent.findFirstOrThrow({ orderBy: { sequence: "desc" } });
    expect(event).toMatchObject({ action: "dicomweb.store", siteId: world.siteIds.north });
    expect(event.details).toMatchObject({ stored: 1, failed: 0 });
    expect(JSON.stringify(event.details)).not.toMatch(/DOE|2\.25/);
  });
});
