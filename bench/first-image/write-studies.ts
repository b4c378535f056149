/** Phantom studies of 3,000 × 4,600 pixels to be sent to a platform: npx tsx bench/first-image/write-studies.ts DIR */
import { writePhantom } from "@crossread/datasets/write-phantom";

const directory = process.argv[2];
if (directory === undefined) throw new Error("Usage: write-studies.ts DIR");
await writePhantom(directory, {
  siteCount: 1,
  caseCount: 1,
  seed: 3_000,
  frame: { widthPx: 3_000, heightPx: 4_600, pixelSizeMm: 0.0625 },
});
