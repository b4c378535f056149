import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { DomainError } from "@crossread/contracts/errors";
import type { GrayImage } from "@crossread/dicom/gray-image";
import { encodePgm } from "@crossread/dicom/pgm";
import { createRandom } from "@crossread/metrics/random";
import { modelPresets } from "@crossread/model/config";
import type { Predictor } from "@crossread/model/engine";
import { createOnnxEngine } from "@crossread/model/onnx-engine";
import { initialParameters } from "@crossread/model/parameter-table";
import type { ReadyImage } from "./image-messages.ts";
import { createImagePool } from "./image-pool.ts";
import { createImageWork, type ImageWork } from "./image-work.ts";
import { predictFiles, type FileJob, type FileOutcome } from "./predict-files.ts";

const config = modelPresets["tiny-cbam"];
const { imageSize } = config;
const frame = { imageSize, normalisation: { mean: 0.4, standardDeviation: 0.3 } };
const directory = mkdtempSync(join(tmpdir(), "crossread-predict-"));
const count = 11;
const broken = 4;
const files = Array.from({ length: count }, (_, index) => join(directory, `image-${index}.pgm`));

beforeAll(() => {
  const random = createRandom(9);
  files.forEach((file, index) => {
    const [widthPx, heightPx] = [40 + 3 * index, 60 + index];
    const values = Float32Array.from({ length: widthPx * heightPx }, () => random.next());
    const image: GrayImage = { widthPx, heightPx, values };
    writeFileSync(file, encodePgm(image, 255));
  });
  writeFileSync(files[broken]!, "P5\n100 100\n255\nshort");
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

async function predictAll(images: ImageWork, batchSize: number, name: string) {
  const predictor = await createOnnxEngine({ threadCount: 1 }).createPredictor({
    config,
    parameters: initialParameters(config, 3),
    batchSize,
  });
  const jobs = files.map((file, index) => ({
    file,
    targets: {
      map: join(directory, `${name}-${index}-map.png`),
      heatmap: join(directory, `${name}-${index}.png`),
    },
  }));
  const outcomes: FileOutcome[] = [];
  await predictFiles({
    jobs,
    images,
    predictor,
    imageSize,
    batchSize,
    onOutcome: (one) => outcomes.push(one),
  });
  await predictor.dispose();
  return outcomes;
}

describe("many files", () => {
  test("give in threads and batches what each gives alone, in order; a bad file is reported and stops nothing", async () => {
    const alone = await predictAll(createImageWork(frame), 1, "alone");
    const pool = createImagePool(2, { frame });
    const together = await predictAll(pool, 4, "together");
    await pool.close();
    expect(together.map(({ job }) => job.file)).toEqual(files);
    const isRefused = (outcome: FileOutcome) => !outcome.ok && outcome.code === "image-truncated";
    expect([together.findIndex(isRefused), alone.findIndex(isRefused)]).toEqual([broken, broken]);
    const probabilities = (outcomes: readonly FileOutcome[]) =>
      outcomes.flatMap((outcome) => (outcome.ok ? [outcome.probability] : []));
    expect(probabilities(together)).toHaveLength(count - 1);
    probabilities(together).forEach((value, index) => {
      expect(value).toBeCloseTo(probabilities(alone)[index]!, 6);
    });
    const bytes = (name: string) => readFileSync(join(directory, name));
    for (let index = 0; index < count; index++) {
      if (index === broken) continue;
      for (const tail of [".png", "-map.png"]) {
        const isSame = bytes(`together-${index}${tail}`).equals(bytes(`alone-${index}${tail}`));
        expect(isSame, `${index}${tail}`).toBe(true);
      }
    }
  });

  test("are never all in memory at once", async () => {
    let inMemory = 0;
    let most = 0;
    const large = 20 * 1024 * 1024; // three of them are more than may wait
    const images: ImageWork = {
      prepare: () => {
        most = Math.max(most, ++inMemory);
        return Promise.resolve<ReadyImage>({
          pixels: new Float32Array(imageSize ** 2),
          keptPixels: large,
          ms: { decode: 0, preprocess: 0 },
        });
      },
      writeMaps: async () => {
        await new Promise((resolve) => setTimeout(resolve, 1));
        inMemory -= 1;
      },
    };
    const predictor: Predictor = {
      predict: ({ count: size }) =>
        Promise.resolve({
          scores: new Float32Array(size),
          logits: new Float32Array(2 * size),
          maps: { widthPx: 1, heightPx: 1, values: new Float32Array(size) },
        }),
      dispose: () => Promise.resolve(),
    };
    const jobs = Array.from({ length: 100 }, (): FileJob => ({ file: "x", targets: { heatmap: "y" } }));
    let done = 0;
    await predictFiles({ jobs, images, predictor, imageSize, batchSize: 4, onOutcome: () => (done += 1) });
    expect(done).toBe(100);
    expect(inMemory).toBe(0);
    expect(most).toBeLessThanOrEqual(7); // the first batch is taken before any size is known
  });

  test("fail as a whole when a map cannot be written", async () => {
    const images: ImageWork = {
      ...createImageWork(frame),
      writeMaps: () => Promise.reject(new DomainError("storage-unavailable", "The disk is full.")),
    };
    await expect(predictAll(images, 2, "failing")).rejects.toThrow("The disk is full.");
  });
});
