import { createServer, type Server } from "node:http";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { crossreadMammography } from "@crossread/dicom/deidentify/confidentiality-profile";
import { deidentify } from "@crossread/dicom/deidentify/deidentify";
import { readInstance } from "@crossread/dicom/read-instance";
import { writeMammogram, type MammogramHeader } from "@crossread/dicom/write-mammogram";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { sendFiles, type SendOptions } from "./send-files.ts";
import { openJournal } from "./sent-journal.ts";

interface Answer {
  readonly status: number;
  readonly body?: object;
  readonly headers?: Record<string, string>;
}

let server: Server;
let url: string;
let directory: string;
let answers: Answer[];
let received: { body: Buffer; authorization: string | undefined }[];
let waits: number[];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "crossread-send-"));
  answers = [];
  received = [];
  waits = [];
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      received.push({ body: Buffer.concat(chunks), authorization: request.headers.authorization });
      const { body, headers, status } = answers.shift() ?? { status: 200 };
      response.writeHead(status, { "content-type": "application/dicom+json", ...headers });
      response.end(JSON.stringify(body ?? { "00081190": { vr: "UR" } }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  url = `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}/api/dicomweb`;
});

afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await rm(directory, { recursive: true, force: true });
});

const header = (sopInstanceUid: string): MammogramHeader => ({
  subjectId: "DOE JANE 1961",
  studyInstanceUid: "2.25.77000001",
  seriesInstanceUid: "2.25.77000002",
  sopInstanceUid,
  studyDate: "20240315",
  laterality: "L",
  view: "CC",
  widthPx: 4,
  heightPx: 4,
  bitsStored: 12,
  photometricInterpretation: "MONOCHROME2",
  windows: [{ center: 8, width: 16 }],
  imagerPixelSpacingMm: [0.1, 0.1],
  manufacturer: "m",
  manufacturerModelName: "n",
  softwareVersions: "1",
});

async function mammogram(sopInstanceUid: string): Promise<string> {
  const path = join(directory, `${sopInstanceUid}.dcm`);
  const bytes = writeMammogram(
    header(sopInstanceUid),
    Uint16Array.from({ length: 16 }, (_, index) => index),
  );
  await writeFile(path, bytes);
  return path;
}

/** Six bars in a row, of one height and ink, pass for letters. */
function textImage(): Uint8Array {
  const [widthPx, heightPx] = [300, 200];
  const pixels = new Uint16Array(widthPx * heightPx).fill(300);
  for (let letter = 0; letter < 6; letter++) {
    for (let y = 50; y < 71; y++) {
      for (let x = 0; x < 12; x++) {
        const isStroke = x < 3 || x >= 9 || (y >= 59 && y < 62);
        if (isStroke) pixels[y * widthPx + 40 + letter * 18 + x] = 4_000;
      }
    }
  }
  return writeMammogram({ ...header("2.25.77000009"), widthPx, heightPx }, pixels);
}

const siteKey = new Uint8Array(32).fill(7);

async function send(files: readonly string[], options: Partial<SendOptions> = {}) {
  return sendFiles(files, {
    target: {
      url,
      token: "xr_test",
      wait: (ms) => {
        waits.push(ms);
        return Promise.resolve();
      },
    },
    deidentification: { siteKey, profile: crossreadMammography },
    journal: await openJournal(join(directory, "state/journal.txt")),
    parallel: 1,
    batchBytes: 1_000_000,
    onProgress: () => undefined,
    ...options,
  });
}

describe("sendFiles", () => {
  test("sends nothing that names the patient, with the site's token", async () => {
    const files = [await mammogram("2.25.77000003"), await mammogram("2.25.77000004")];
    expect(await send(files)).toMatchObject({ sent: 2, known: 0, refused: [] });
    expect(received).toHaveLength(1);
    const [request] = received;
    expect(request?.authorization).toBe("Bearer xr_test");
    const text = request?.body.toString("latin1") ?? "";
    for (const planted of ["DOE", "JANE", "2.25.77", "20240315"]) expect(text).not.toContain(planted);
    expect(text).toContain("XR-");
  });

  test("sends files as they are where the platform de-identifies", async () => {
    await send([await mammogram("2.25.77000003")], { deidentification: undefined });
    expect(received[0]?.body.toString("latin1")).toContain("DOE JANE");
  });

  test("goes on where it stopped: what was acknowledged is not sent again, what was not is", async () => {
    const [first, second] = [await mammogram("2.25.1"), await mammogram("2.25.2")];
    await send([first]);
    expect(await send([first, second])).toMatchObject({ sent: 1, known: 1 });
    answers.push({ status: 400, body: { message: "no" } });
    const third = await mammogram("2.25.3");
    await expect(send([third])).rejects.toMatchObject({ code: "conflict" });
    expect(await send([first, second, third])).toMatchObject({ sent: 1, known: 2 });
    expect(await send([first], { deidentification: undefined })).toMatchObject({ sent: 1 });
  });

  test("waits as long as the platform says while it is busy, then sends again", async () => {
    answers.push({ status: 503, headers: { "retry-after": "30" } }, { status: 500 });
    expect(await send([await mammogram("2.25.1")])).toMatchObject({ sent: 1 });
    expect(waits).toEqual([30_000, 2_000]);
    expect(received).toHaveLength(3);
  });

  test("gives up after a while, and at once where the token is refused", async () => {
    const file = await mammogram("2.25.1");
    answers.push({ status: 401, body: { message: "The token is unknown, expired or revoked." } });
    await expect(send([file])).rejects.toThrow(/401: The token is unknown/);
    expect(waits).toEqual([]);
    answers.push(...Array.from({ length: 8 }, () => ({ status: 503 })));
    await expect(send([file])).rejects.toThrow(/503/);
    expect(waits).toHaveLength(7);
  });

  test("says of each file why it was not taken, here or there", async () => {
    const [good, refusedThere] = [await mammogram("2.25.1"), await mammogram("2.25.2")];
    const text = join(directory, "notes.txt");
    await writeFile(text, "no DICOM");
    const cut = join(directory, "cut.dcm");
    await writeFile(cut, (await readFile(good)).subarray(0, -10));
    const { sopInstanceUid } = await deidentify(new Uint8Array(await readFile(refusedThere)), {
      siteKey,
      profile: crossreadMammography,
      fileName: "x",
    });
    answers.push({
      status: 202,
      body: {
        "00081198": {
          vr: "SQ",
          Value: [
            { "00081155": { vr: "UI", Value: [sopInstanceUid] }, "00081197": { vr: "US", Value: [0x0122] } },
          ],
        },
      },
    });
    const result = await send([good, refusedThere, text, cut]);
    expect(result.sent).toBe(1);
    expect(result.refused.map(({ code, file }) => [file, code])).toEqual([
      [text, "not-dicom"],
      [cut, "image-truncated"],
      [refusedThere, "image-kind-refused"],
    ]);
    expect(await send([refusedThere])).toMatchObject({ sent: 1 });
  });

  test("tells which files the platform will hold for a person to look at", async () => {
    const plain = await mammogram("2.25.1");
    const bytes = textImage();
    const written = join(directory, "text.dcm");
    await writeFile(written, bytes);
    const result = await send([plain, written]);
    expect(result).toMatchObject({ sent: 2, refused: [] });
    expect(result.held).toEqual([
      { file: written, reason: expect.stringMatching(/text in one place/) as string },
    ]);
  });

  test("sends batches side by side, each file once", async () => {
    const files = await Promise.all(Array.from({ length: 12 }, (_, index) => mammogram(`2.25.9${index}`)));
    const result = await send(files, { parallel: 3, batchBytes: 2_000 });
    expect(result).toMatchObject({ sent: 12, refused: [] });
    expect(received.length).toBeGreaterThan(3);
    const uids = received.flatMap(({ body }) =>
      body
        .toString("latin1")
        .split("Content-Type: application/dicom")
        .slice(1)
        .map((part) => {
          const start = part.indexOf("\r\n\r\n") + 4;
          const length = Number(/Content-Length: (\d+)/.exec(part)?.[1]);
          const bytes = Buffer.from(part.slice(start, start + length), "latin1");
          return readInstance(bytes, "sent").sopInstanceUid;
        }),
    );
    expect(new Set(uids).size).toBe(12);
  });
});
