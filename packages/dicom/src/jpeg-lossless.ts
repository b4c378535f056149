/** JPEG Lossless, process 14 (ITU-T T.81 H), one component of 2 to 16 bits, all seven predictors. */
import { EntropyReader } from "./jpeg-entropy-reader.ts";
import { createDifferenceTable } from "./jpeg-huffman-table.ts";
import { brokenJpeg, readJpegScan, truncatedJpeg } from "./jpeg-segments.ts";

/** Prediction from the samples left (a), above (b) and above left (c): table H.1. */
const predictors: Readonly<Record<number, (a: number, b: number, c: number) => number>> = {
  1: (a) => a,
  2: (_, b) => b,
  3: (_a, _b, c) => c,
  4: (a, b, c) => a + b - c,
  5: (a, b, c) => a + ((b - c) >> 1),
  6: (a, b, c) => b + ((a - c) >> 1),
  7: (a, b) => (a + b) >> 1,
};

/** As long as a row of a JPEG may be; an array in one place for the loop, as in `presentation.ts`. */
const keptRow = new Uint16Array(65_536);

function addFromLeft(count: number): void {
  let left = 0;
  for (let x = 0; x < count; x++) {
    left = (left + keptRow[x]!) & 0xffff;
    keptRow[x] = left;
  }
}

/**
 * Samples of a lossless JPEG, shape [height · width], row-major.
 *
 * @param bytes - codestream whose size the caller has checked against its image
 * @throws {DomainError} "image-truncated" where it ends early; "image-unreadable" where it breaks the syntax
 * @complexity O(pixels)
 * @golden golden/transfer-syntaxes (dcmtk and GDCM as encoders)
 */
export function decodeJpegLossless(bytes: Uint8Array, fileName: string): Uint16Array {
  const scan = readJpegScan(bytes, fileName);
  const { bitsPerSample, dc, heightPx, pointTransform, restartInterval, widthPx } = scan;
  const predict = predictors[scan.selection];
  const isFromLeft = scan.selection === 1;
  const isLossless = scan.frameMarker === 0xffc3 && pointTransform < bitsPerSample && bitsPerSample <= 16;
  if (!isLossless || dc === undefined || predict === undefined) {
    throw brokenJpeg(fileName, "is not lossless or lacks its Huffman table or predictor");
  }
  if (restartInterval % widthPx !== 0) throw brokenJpeg(fileName, "restarts inside a row"); // H.1.1
  // A sample takes one bit at least.
  if ((bytes.length - scan.offset) * 8 < widthPx * heightPx) throw truncatedJpeg(fileName);
  const reader = new EntropyReader(bytes, scan.offset, fileName);
  const differences = createDifferenceTable(dc);
  const samples = new Uint16Array(widthPx * heightPx);
  const middle = 2 ** (bitsPerSample - pointTransform - 1);
  const rowsPerInterval = restartInterval === 0 ? heightPx : restartInterval / widthPx;
  for (let row = 0; row < heightPx; row++) {
    const isFirst = row % rowsPerInterval === 0;
    if (isFirst && row > 0) reader.restart();
    const start = row * widthPx;
    const above = start - widthPx;
    // H.1.2.1: a first row is predicted from the left, a first column from above. Samples count modulo 2^16.
    const steps = reader.differences(differences, widthPx);
    samples[start] = (isFirst ? middle : samples[above]!) + steps[0]!;
    if (isFirst || isFromLeft) {
      keptRow.set(steps.subarray(0, widthPx));
      keptRow[0] = samples[start]!;
      addFromLeft(widthPx);
      samples.set(keptRow.subarray(0, widthPx), start);
      continue;
    }
    for (let x = 1; x < widthPx; x++) {
      const prediction = predict(samples[start + x - 1]!, samples[above + x]!, samples[above + x - 1]!);
      samples[start + x] = prediction + steps[x]!;
    }
  }
  if (pointTransform > 0) {
    for (let index = 0; index < samples.length; index++) samples[index]! <<= pointTransform;
  }
  return samples;
}
