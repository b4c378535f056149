import { createHash, randomBytes, randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import type { ReadableStream as NodeReadableStream } from "node:stream/web";
import type { ApiTokenScope } from "@crossread/contracts/api-token";
import { createApiToken } from "@crossread/db/api-tokens";
import type { Actor } from "@crossread/db/people";
import { storeInstance } from "@crossread/db/store-instances";
import { readInstance } from "@crossread/dicom/read-instance";
import { renderImage } from "@crossread/dicom/rendered-image";
import { writeMammogram, type MammogramHeader } from "@crossread/dicom/write-mammogram";
import { createFileObjectStore } from "@crossread/storage/file-object-store";
import { testDatabase } from "../../../../../../tests/test-database.ts";
import { issueToken } from "@crossread/db/api-token-secret";
import { createRateLimit } from "../../rate-limit.ts";
import { createBufferPool } from "../buffer-pool.ts";
import { storeLimits, type DicomWebServices, type StoreLimits } from "../dicomweb-services.ts";
import { handleDicomWeb } from "../handle-dicomweb.ts";
import { createSopClasses } from "../sop-classes.ts";
import { createStoreGate } from "../store-gate.ts";

const basePath = "/api/dicomweb";
const thumbnail = Uint8Array.of(0x89, 0x50, 0x4e, 0x47);

/** A small mammogram whose pixels run through all its values. */
export function mammogram(header: Partial<MammogramHeader> = {}): Uint8Array {
  const widthPx = 40;
  const heightPx = 64;
  return writeMammogram(
    {
      subjectId: "XR-TEST",
      studyInstanceUid: "2.25.100",
      seriesInstanceUid: "2.25.101",
      sopInstanceUid: "2.25.102",
      studyDate: "20240315",
      laterality: "L",
      view: "CC",
      widthPx,
      heightPx,
      bitsStored: 12,
      photometricInterpretation: "MONOCHROME2",
      windows: [{ center: 2048, width: 4096 }],
      imagerPixelSpacingMm: [0.1, 0.1],
      manufacturer: "Crossread",
      manufacturerModelName: "Phantom",
      softwareVersions: "1",
      patientAgeYears: 57,
      ...header,
    },
    Uint16Array.from({ length: widthPx * heightPx }, (_, index) => (index * 13) % 4096),
  );
}

/** Two sites, a blob directory and the services on them; everything is gone on disposal. */
export async function dicomWebWorld(limits: Partial<StoreLimits> = {}) {
  const database = await testDatabase();
  const { db, web } = database;
  const directory = await mkdtemp(join(tmpdir(), "crossread-dicomweb-"));
  const store = createFileObjectStore(directory);
  const enqueued: { kind: string; payload: object }[] = [];
  let actor: Actor | undefined;
  let now = new Date("2026-01-01T12:00:00Z");
  const services: DicomWebServices = {
    db: web,
    store,
    queue: () =>
      Promise.resolve({
        enqueue: (kind, payload) => {
          enqueued.push({ kind, payload });
          return Promise.resolve();
        },
      }),
    actor: () => Promise.resolve(actor),
    now: () => now,
    baseUrl: `http://platform.test${basePath}`,
    limits: {
      refused: createRateLimit({ limit: 1_000, windowMs: 60_000, now: () => now.getTime() }),
      requests: createRateLimit({ limit: 1_000, windowMs: 60_000, now: () => now.getTime() }),
    },
    render: async ({ bytes, name, options }) => renderImage(readInstance(bytes, name), options),
    sopClasses: createSopClasses({ db: web, store }),
    storeGate: createStoreGate({ atOnce: 2, waiting: 4 }),
    buffers: createBufferPool({ keptBytes: 1024 * 1024, idleMs: 1_000 }),
    // Every request an upload of its own, so that a test sees what its request did.
    uploadWindow: { join: () => randomUUID(), settle: () => undefined },
    storeLimits: { ...storeLimits, ...limits },
  };
  const sites: Record<string, string> = {};
  for (const [colourIndex, code] of ["north", "east"].entries()) {
    const site = await db.site.create({ data: { code, name: code, colourIndex, acquisition: "digital" } });
    sites[code] = site.id;
  }
  const siteIds = { north: sites["north"] ?? "", east: sites["east"] ?? "" };
  const person = await db.user.create({
    data: { email: "keeper@example.org", name: "Keeper", passwordHash: "x" },
  });

  return {
    db,
    web,
    store,
    services,
    siteIds,
    personId: person.id,
    enqueued,
    signIn: (signedIn: Actor | undefined) => (actor = signedIn),
    setNow: (at: Date) => (now = at),
    async token(
      site: keyof typeof siteIds,
      scopes: readonly ApiTokenScope[],
      expiresAt: Date | null = null,
    ): Promise<{ token: string; tokenId: string }> {
      const issued = issueToken(randomUUID(), randomBytes(32));
      const { token, tokenHash, tokenId } = issued;
      await createApiToken(db, {
        tokenId,
        siteId: siteIds[site],
        actorId: person.id,
        name: "A token",
        scopes,
        expiresAt,
        tokenHash,
      });
      return { token, tokenId };
    },
    /** An image as the worker leaves it behind. */
    async keep(site: keyof typeof siteIds, bytes: Uint8Array): Promise<void> {
      const instance = readInstance(bytes, "kept");
      const sha256 = createHash("sha256").update(bytes).digest("hex");
      const [blobKey, thumbnailKey] = [`instances/${sha256}.dcm`, `thumbnails/${sha256}.png`];
      await store.put(blobKey, bytes);
      await store.put(thumbnailKey, thumbnail);
      const outcome = await storeInstance(db, siteIds[site], {
        pseudonym: instance.patientId ?? "",
        studyInstanceUid: instance.studyInstanceUid,
        studyDate: (instance.studyDate ?? "").replace(/^(....)(..)(..)$/, "$1-$2-$3"),
        ...(instance.patientAgeYears === undefined ? {} : { patientAgeYears: instance.patientAgeYears }),
        seriesInstanceUid: instance.seriesInstanceUid,
        sopInstanceUid: instance.sopInstanceUid,
        sopClassUid: instance.sopClassUid,
        laterality: instance.laterality ?? "L",
        view: instance.view ?? "CC",
        rows: instance.pixel.rows,
        columns: instance.pixel.columns,
        bitsStored: instance.pixel.bitsStored,
        photometricInterpretation: instance.pixel.photometricInterpretation,
        manufacturer: instance.manufacturer,
        manufacturerModelName: instance.manufacturerModelName,
        blobKey,
        sha256,
        sizeBytes: bytes.length,
        thumbnailKey,
      });
      if (!outcome.ok) throw new Error(outcome.message);
    },
    call(path: string, init: RequestInit & { token?: string } = {}): Promise<Response> {
      const { token, ...rest } = init;
      const headers = new Headers(rest.headers);
      if (token !== undefined) headers.set("authorization", `Bearer ${token}`);
      const request = new Request(`${services.baseUrl}/${path}`, { ...rest, headers });
      return handleDicomWeb(request, path.replace(/\?.*$/, ""), services);
    },
    async [Symbol.asyncDispose]() {
      await database[Symbol.asyncDispose]();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
export type DicomWebWorld = Awaited<ReturnType<typeof dicomWebWorld>>;

export function multipartBody(files: readonly Uint8Array[], boundary = "boundary"): Uint8Array<ArrayBuffer> {
  const parts = files.flatMap((bytes) => [
    Buffer.from(`--${boundary}\r\nContent-Type: application/dicom\r\n\r\n`),
    bytes,
    Buffer.from("\r\n"),
  ]);
  return new Uint8Array(Buffer.concat([...parts, Buffer.from(`--${boundary}--`)]));
}

export const multipartHeaders = (boundary = "boundary") => ({
  "content-type": `multipart/related; type="application/dicom"; boundary=${boundary}`,
});

/** The services on a port of this machine, for clients that are programs of their own. */
export async function serveDicomWeb(
  services: DicomWebServices,
): Promise<AsyncDisposable & { readonly url: string }> {
  const server = createServer((incoming, outgoing) => {
    void answer(incoming, outgoing, services).catch((error: unknown) => {
      outgoing.statusCode = 500;
      outgoing.end(String(error));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}${basePath}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function answer(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  services: DicomWebServices,
): Promise<void> {
  const url = new URL(incoming.url ?? "/", `http://${incoming.headers.host ?? "localhost"}`);
  const hasBody = incoming.method !== "GET" && incoming.method !== "HEAD";
  const request = new Request(url, {
    method: incoming.method ?? "GET",
    headers: Object.entries(incoming.headers).map(([name, value]) => [name, String(value)] as const),
    ...(hasBody ? { body: Readable.toWeb(incoming) as ReadableStream<Uint8Array>, duplex: "half" } : {}),
  } as RequestInit);
  const path = url.pathname.slice(basePath.length + 1).replace(/\/$/, "");
  const response = await handleDicomWeb(request, path, services);
  outgoing.writeHead(response.status, Object.fromEntries(response.headers));
  if (response.body === null) outgoing.end();
  else Readable.fromWeb(response.body as NodeReadableStream).pipe(outgoing);
}
