import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { randomUUID } from "node:crypto";
import { saveDimseEndpoint } from "@crossread/db/dimse-endpoints";
import { readInstance } from "@crossread/dicom/read-instance";
import { decodePixelData } from "@crossread/dicom/pixel-data";
import { writeMammogram } from "@crossread/dicom/write-mammogram";
import { createFileObjectStore } from "@crossread/storage/file-object-store";
import { pino } from "pino";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { testDatabase, type TestDatabase } from "../../../../tests/test-database.ts";
import { dimseLimits, type DimseContext } from "./dimse-context.ts";
import { startDimseServer, type DimseServer } from "./dimse-server.ts";

const run = promisify(execFile);
const hasDcmtk = existsSync("/usr/bin/storescu") && existsSync("/usr/bin/dcmcjpls");
const title = "CROSSREAD";

let database: TestDatabase;
let directory: string;
let context: DimseContext;
let server: DimseServer;
let siteId: string;
const enqueued: object[] = [];

beforeAll(async () => {
  database = await testDatabase();
  directory = await mkdtemp(join(tmpdir(), "crossread-dimse-"));
  const { db } = database;
  const site = await db.site.create({
    data: { code: "north", name: "North", colourIndex: 0, acquisition: "digital" },
  });
  siteId = site.id;
  const person = await db.user.create({ data: { email: "a@example.org", name: "A", passwordHash: "x" } });
  await saveDimseEndpoint(db, {
    siteId,
    actorId: person.id,
    at: new Date(),
    endpoint: {
      aeTitle: title,
      isEnabled: true,
      peers: [
        { aeTitle: "PACS", address: "127.0.0.0/8" },
        { aeTitle: "ELSEWHERE", address: "192.0.2.1" },
      ],
    },
  });
  context = {
    db,
    store: createFileObjectStore(join(directory, "blobs")),
    queue: {
      enqueue: (_kind, payload) => {
        enqueued.push(payload);
        return Promise.resolve();
      },
    },
    logger: pino({ level: "silent" }),
    now: () => new Date(),
    newId: randomUUID,
    limits: { ...dimseLimits, maxAssociations: 2, maxInstanceBytes: 50_000 },
  };
  server = await startDimseServer(context, { host: "127.0.0.1", port: 0 });
});

afterEach(() => {
  enqueued.length = 0;
});

afterAll(async () => {
  await server.close();
  await database[Symbol.asyncDispose]();
  await rm(directory, { recursive: true, force: true });
});

function mammogram(sopInstanceUid: string, sidePx = 48): Uint8Array {
  return writeMammogram(
    {
      subjectId: "XR-TEST",
      studyInstanceUid: "2.25.100",
      seriesInstanceUid: "2.25.101",
      sopInstanceUid,
      studyDate: "20240315",
      laterality: "L",
      view: "CC",
      widthPx: sidePx,
      heightPx: sidePx,
      bitsStored: 12,
      photometricInterpretation: "MONOCHROME2",
      windows: [{ center: 2048, width: 4096 }],
      imagerPixelSpacingMm: [0.1, 0.1],
      manufacturer: "Crossread",
      manufacturerModelName: "Phantom",
      softwareVersions: "1",
    },
    Uint16Array.from({ length: sidePx * sidePx }, (_, index) => (index * 7) % 4096),
  );
}

async function saved(name: string, bytes: Uint8Array): Promise<string> {
  const path = join(directory, name);
  await writeFile(path, bytes);
  return path;
}

interface Call {
  readonly calling?: string;
  readonly called?: string;
  readonly port?: number;
  readonly options?: readonly string[];
}

async function call(
  program: string,
  files: readonly string[],
  { called = title, calling = "PACS", options = [], port = server.port }: Call = {},
): Promise<{ code: number; output: string }> {
  const argv = ["-aet", calling, "-aec", called, ...options, "127.0.0.1", String(port), ...files];
  try {
    const { stderr, stdout } = await run(program, argv);
    return { code: 0, output: stdout + stderr };
  } catch (error) {
    const failed = error as { code?: number; stdout?: string; stderr?: string };
    return { code: failed.code ?? -1, output: `${failed.stdout ?? ""}${failed.stderr ?? ""}` };
  }
}

const stagedFiles = () =>
  context.db.uploadFile.findMany({ where: { siteId }, orderBy: { id: "asc" }, include: { upload: true } });

describe("a line that does not speak DICOM", () => {
  const talk = (bytes: Uint8Array) =>
    new Promise<Buffer>((resolve, reject) => {
      const answers: Buffer[] = [];
      const socket = connect(server.port, "127.0.0.1", () => socket.write(bytes));
      socket.on("data", (answer) => answers.push(answer));
      // Closed with bytes unread, a line ends in a reset.
      socket.once("error", (error: NodeJS.ErrnoException) => {
        if (error.code !== "ECONNRESET" && error.code !== "EPIPE") reject(error);
      });
      socket.once("close", () => resolve(Buffer.concat(answers)));
    });

  test("is closed without an answer, and the next one is served", async () => {
    for (const bytes of [
      Buffer.from("GET / HTTP/1.1\r\n\r\n"),
      Buffer.from([1, 0, 0xff, 0xff, 0xff, 0xff]),
      Buffer.from([4, 0, 0, 0, 0, 2, 0, 0]),
      Buffer.from([1, 0, 0, 0, 0, 10, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0]),
    ]) {
      expect((await talk(bytes)).length).toBeLessThanOrEqual(10);
    }
  });
});

describe.skipIf(!hasDcmtk)("dcmtk", () => {
  test("echoes only with titles and from an address that the site allows", async () => {
    expect(await call("echoscu", [])).toMatchObject({ code: 0 });
    const wrongCalled = await call("echoscu", [], { called: "OTHER" });
    expect(wrongCalled.output).toContain("Called AE Title Not Recognized");
    const wrongCalling = await call("echoscu", [], { calling: "STRANGER" });
    expect(wrongCalling.output).toContain("Calling AE Title Not Recognized");
    expect((await call("echoscu", [], { calling: "ELSEWHERE" })).code).not.toBe(0);
    await context.db.dimseEndpoint.update({ where: { siteId }, data: { isEnabled: false } });
    expect((await call("echoscu", [])).output).toContain("Called AE Title Not Recognized");
    await context.db.dimseEndpoint.update({ where: { siteId }, data: { isEnabled: true } });
  });

  test("sends files, which are kept bit for bit and handed over once when the association ends", async () => {
    const first = await saved("a.dcm", mammogram("2.25.1"));
    const second = await saved("b.dcm", mammogram("2.25.2"));
    expect(await call("dcmsend", [first, second])).toMatchObject({ code: 0 });
    const sent = await call("storescu", [first, second], { options: ["-xe"] });
    expect(sent).toMatchObject({ code: 0 });
    const files = await stagedFiles();
    expect(files).toHaveLength(4);
    for (const file of files) {
      expect(file).toMatchObject({ state: "staged", upload: { source: "dimse", state: "ingesting" } });
      const kept = readInstance(await context.store.get(file.stagedKey ?? ""), "kept");
      const truth = readInstance(mammogram(kept.sopInstanceUid), "truth");
      expect(await decodePixelData(kept)).toEqual(await decodePixelData(truth));
    }
    expect(enqueued).toHaveLength(2);
  });

  test("sends every compression that it can make, and each is kept as it is sent", async () => {
    const plain = await saved("plain.dcm", mammogram("2.25.3"));
    const ways: [program: string, option: string, flag: string, transferSyntaxUid: string][] = [
      ["dcmcjpls", "", "-xt", "1.2.840.10008.1.2.4.80"],
      ["dcmcjpeg", "", "-xs", "1.2.840.10008.1.2.4.70"],
      ["dcmcrle", "", "-xr", "1.2.840.10008.1.2.5"],
      ["dcmconv", "+ti", "-xi", "1.2.840.10008.1.2"],
      ["dcmconv", "+tb", "-xb", "1.2.840.10008.1.2.2"],
      ["dcmconv", "+td", "-xd", "1.2.840.10008.1.2.1.99"],
    ];
    for (const [program, option, flag, transferSyntaxUid] of ways) {
      await context.db.uploadFile.deleteMany({});
      const path = join(directory, `${transferSyntaxUid}.dcm`);
      await run(program, [...(option === "" ? [] : [option]), plain, path]);
      expect(await call("storescu", [path], { options: [flag] }), transferSyntaxUid).toMatchObject({
        code: 0,
      });
      const [file] = await stagedFiles();
      const kept = readInstance(await context.store.get(file?.stagedKey ?? ""), "kept");
      expect(kept.transferSyntaxUid).toBe(transferSyntaxUid);
      const truth = readInstance(mammogram("2.25.3"), "truth");
      expect(await decodePixelData(kept)).toEqual(await decodePixelData(truth));
    }
  });

  test("is told to come later while too much waits, and that an instance is too large", async () => {
    await context.db.uploadFile.deleteMany({});
    const large = await saved("large.dcm", mammogram("2.25.4", 200));
    expect((await call("storescu", [large], { options: ["-v"] })).output).toMatch(/OutOfResources/);
    expect(await stagedFiles()).toEqual([]);
    const small = await saved("small.dcm", mammogram("2.25.5"));
    const limited = await startDimseServer(
      { ...context, limits: { ...context.limits, maxStagedFiles: 0 } },
      { host: "127.0.0.1", port: 0 },
    );
    const told = await call("storescu", [small], { options: ["-v"], port: limited.port });
    expect(told.output).toMatch(/OutOfResources/);
    await limited.close();
  });

  test("breaks off, and what was acknowledged until then is handed over", async () => {
    await context.db.uploadFile.deleteMany({});
    const path = await saved("aborted.dcm", mammogram("2.25.6"));
    await call("storescu", [path], { options: ["--abort"] });
    await expect.poll(() => enqueued.length, { timeout: 60_000 }).toBe(1);
    expect(await stagedFiles()).toHaveLength(1);
  });

  test("sends again what was accepted, and nothing is kept twice", async () => {
    await context.db.uploadFile.updateMany({ data: { state: "accepted" } });
    const blobs = await context.store.list("uploads/");
    const path = await saved("again.dcm", mammogram("2.25.6"));
    expect(await call("storescu", [path])).toMatchObject({ code: 0 });
    expect(await context.store.list("uploads/")).toEqual(blobs);
    expect(enqueued).toEqual([]);
    expect((await stagedFiles()).map(({ state }) => state)).toEqual(["accepted", "known"]);
  });
});
