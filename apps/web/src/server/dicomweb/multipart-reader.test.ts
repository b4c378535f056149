import { createRandom } from "@crossread/metrics/random";
import { describe, expect, test } from "vitest";
import { DicomWebRefusal } from "./dicomweb-refusal.ts";
import { createMultipartReader, type MultipartEvent } from "./multipart-reader.ts";

const limits = { maxHeaderBytes: 512, maxParts: 20 };
const bytesOf = (text: string) => Buffer.from(text, "latin1");

async function* inChunks(bytes: Uint8Array, cuts: readonly number[]): AsyncGenerator<Uint8Array> {
  let start = 0;
  for (const cut of [...cuts, bytes.length]) {
    yield bytes.subarray(start, cut);
    start = cut;
  }
}

async function* readMultipart(
  body: AsyncIterable<Uint8Array>,
  boundary: string,
): AsyncGenerator<MultipartEvent> {
  const reader = createMultipartReader(boundary, limits);
  for await (const chunk of body) yield* reader.read(chunk);
  reader.end();
}

interface Part {
  readonly headers: Record<string, string>;
  readonly text: string;
}

async function partsOf(body: AsyncIterable<Uint8Array>, boundary = "b"): Promise<Part[]> {
  const parts: { headers: Record<string, string>; text: string }[] = [];
  for await (const event of readMultipart(body, boundary)) {
    if (event.kind === "part") parts.push({ headers: Object.fromEntries(event.headers), text: "" });
    const last = parts.at(-1);
    if (event.kind === "data" && last !== undefined) last.text += Buffer.from(event.bytes).toString("latin1");
  }
  return parts;
}

const whole = (text: string) => partsOf(inChunks(bytesOf(text), []));

const twoParts =
  "ignored preamble\r\n--b\r\nContent-Type: application/dicom\r\n\r\nfirst\r\n-\r\n--\r\n--c" +
  "\r\n--b  \r\n\r\n\r\n--b--\r\nignored epilogue";
const twoPartsRead: Part[] = [
  { headers: { "content-type": "application/dicom" }, text: "first\r\n-\r\n--\r\n--c" },
  { headers: {}, text: "" },
];

describe("createMultipartReader", () => {
  test("reads parts with and without headers, and leaves preamble and epilogue out", async () => {
    expect(await whole(twoParts)).toEqual(twoPartsRead);
    expect(await whole("--b\r\n\r\nno preamble\r\n--b--")).toEqual([{ headers: {}, text: "no preamble" }]);
  });

  test("gives the same parts wherever the body is cut, also inside a delimiter", async () => {
    const bytes = bytesOf(twoParts);
    for (let first = 0; first <= bytes.length; first++) {
      expect(await partsOf(inChunks(bytes, [first]))).toEqual(twoPartsRead);
    }
    expect(
      await partsOf(
        inChunks(
          bytes,
          Array.from(bytes, (_, index) => index),
        ),
      ),
    ).toEqual(twoPartsRead);
  });

  test("finds what was put in, for random contents, boundaries and cuts", async () => {
    const random = createRandom(20261123);
    // A small alphabet, so that contents are full of beginnings of delimiters.
    const alphabet = "\r\n-bx";
    for (let round = 0; round < 400; round++) {
      const boundary = "b".repeat(1 + random.nextInt(3));
      const contents = Array.from({ length: random.nextInt(4) }, () =>
        Array.from({ length: random.nextInt(40) }, () => alphabet[random.nextInt(alphabet.length)]).join(""),
      ).filter((content) => !`\r\n${content}`.includes(`\r\n--${boundary}`));
      const body = bytesOf(
        contents.map((content) => `--${boundary}\r\nA: 1\r\n\r\n${content}\r\n`).join("") + `--${boundary}--`,
      );
      const cuts = Array.from({ length: random.nextInt(6) }, () => random.nextInt(body.length)).toSorted(
        (a, b) => a - b,
      );
      const parts = await partsOf(inChunks(body, cuts), boundary);
      expect(parts.map(({ text }) => text)).toEqual(contents);
    }
  });

  test("ends every random byte stream in parts or in a refusal with status 400 or 413", async () => {
    const random = createRandom(7);
    const alphabet = "\r\n-b: A";
    for (let round = 0; round < 2_000; round++) {
      const text = Array.from({ length: random.nextInt(120) }, () => alphabet[random.nextInt(7)]).join("");
      const start = random.nextInt(2) === 0 ? "--b\r\n" : "";
      const outcome = await whole(start + text).catch((error: unknown) => error);
      if (Array.isArray(outcome)) continue;
      expect(outcome).toBeInstanceOf(DicomWebRefusal);
      expect([400, 413]).toContain((outcome as DicomWebRefusal).status);
    }
  });

  test("holds back no more than a delimiter's length of a part", async () => {
    const sizes: number[] = [];
    async function* body(): AsyncGenerator<Uint8Array> {
      yield bytesOf("--b\r\n\r\n");
      for (let index = 0; index < 50; index++) yield new Uint8Array(65_536);
      yield bytesOf("\r\n--b--");
    }
    for await (const event of readMultipart(body(), "b")) {
      if (event.kind === "data") sizes.push(event.bytes.length);
    }
    expect(Math.max(...sizes)).toBeLessThanOrEqual(65_536 + 8);
    expect(sizes.reduce((total, size) => total + size, 0)).toBe(50 * 65_536);
  });

  const refused: [string, string, number][] = [
    ["a body that ends inside a part", "--b\r\n\r\nhalf a fi", 400],
    ["a body without any delimiter", "no multipart at all", 400],
    ["an empty body", "", 400],
    ["a header that does not end", `--b\r\nA: ${"x".repeat(2_000)}`, 400],
    ["a header above the limit", `--b\r\nA: ${"x".repeat(2_000)}\r\n\r\nbody\r\n--b--`, 400],
    ["a delimiter line that does not end", `--b${" ".repeat(2_000)}`, 400],
    ["a longer boundary taken for its beginning", "--bc\r\n\r\nbody\r\n--bc--", 400],
    ["a header line without a name", "--b\r\nnonsense\r\n\r\nbody\r\n--b--", 400],
    ["more parts than allowed", `${"--b\r\n\r\nx\r\n".repeat(21)}--b--`, 413],
  ];
  test.each(refused)("refuses %s", async (_name, text, status) => {
    await expect(whole(text)).rejects.toMatchObject({ name: "DicomWebRefusal", status });
  });
});
