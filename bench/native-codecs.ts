/**
 * What decoding alone costs in native code, beside ours:
 * `node --import tsx bench/native-codecs.ts [PIXEL_SIZE_MM] [REPEATS]`. Native is gdcmconv (OpenJPEG, CharLS and GDCM's
 * own JPEG and RLE): the processor time of writing an image uncompressed, less that of copying one that already is.
 */
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { chosenCodings, detectorFrame, makeTemplates } from "../apps/cli/src/bench/ingest-studies.ts";
import { decodePixelData } from "../packages/dicom/src/pixel-data.ts";
import { readInstance } from "../packages/dicom/src/read-instance.ts";

const frame = detectorFrame(Number(process.argv[2] ?? "0.1"));
const repeats = Number(process.argv[3] ?? "7");

const directory = await mkdtemp(join(tmpdir(), "crossread-codecs-"));
let copying = 0;
for (const coding of chosenCodings("all")) {
  const [template] = await makeTemplates(frame, [coding], () => undefined);
  const bytes = template?.files[0]?.bytes ?? new Uint8Array();
  const native = await leastOf(() => nativeMs(bytes));
  if (coding.encoder === undefined) copying = native;
  const instance = readInstance(bytes, "file");
  const ours = await leastOf(async () => {
    const start = process.cpuUsage();
    await decodePixelData(instance);
    const { system, user } = process.cpuUsage(start);
    return (user + system) / 1_000;
  });
  console.log(
    `${coding.name.padEnd(14)} native ${(native - copying).toFixed(0).padStart(5)} ms   ours ${ours.toFixed(0).padStart(5)} ms   ${(bytes.length / 1e6).toFixed(1)} MB`,
  );
}
console.log(`${frame.widthPx} × ${frame.heightPx}; copying uncompressed takes ${copying.toFixed(0)} ms`);
await rm(directory, { recursive: true, force: true });

async function leastOf(measure: () => Promise<number>): Promise<number> {
  let least = Infinity;
  for (let repeat = 0; repeat < repeats; repeat++) least = Math.min(least, await measure());
  return least;
}

/** Node tells the processor time of its children to nobody, bash does. */
async function nativeMs(bytes: Uint8Array): Promise<number> {
  const [source, target] = [join(directory, "source.dcm"), join(directory, "target.dcm")];
  await writeFile(source, bytes);
  const command = `TIMEFORMAT='%U %S'; time gdcmconv --raw "$1" "$2"`;
  const { stderr } = await promisify(execFile)("bash", ["-c", command, "bash", source, target]);
  const seconds = stderr.trim().split("\n").at(-1)?.split(" ").map(Number) ?? [];
  return 1_000 * seconds.reduce((sum, value) => sum + value, 0);
}
