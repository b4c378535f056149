import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createRandom } from "@crossread/metrics/random";
import sharp from "sharp";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { testData } from "../../../../tests/testdata.ts";
import type { GrayImage } from "../gray-image.ts";
import { decodePgm } from "../pgm.ts";
import { findBurnedInText } from "./burned-in-text.ts";

const golden = fileURLToPath(new URL("../../golden/deidentify/", import.meta.url));
const directory = testData("mias");
const stampSchema = z.array(
  z.object({
    font: z.string(),
    sizePx: z.number(),
    topPx: z.number(),
    widthPx: z.number(),
    heightPx: z.number(),
  }),
);
type Stamp = z.infer<typeof stampSchema>[number];

async function loadStamps(): Promise<{ stamps: Stamp[]; sheet: Uint8Array; sheetWidthPx: number }> {
  const stamps = stampSchema.parse(JSON.parse(await readFile(join(golden, "stamps.json"), "utf8")));
  const { data, info } = await sharp(join(golden, "stamps.png"))
    .greyscale()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { stamps, sheet: data, sheetWidthPx: info.width };
}

/** Every fourth film, none of them among those that the rules were chosen on. */
async function heldOutFilms(folder: string): Promise<GrayImage[]> {
  const names = (await readdir(join(folder, "pgm"))).filter((name) => name.endsWith(".pgm")).sort();
  const chosen = names.filter((_name, index) => index % 32 === 3);
  return Promise.all(chosen.map(async (name) => decodePgm(await readFile(join(folder, "pgm", name)), name)));
}

interface Stamping {
  readonly stamp: Stamp;
  readonly x: number;
  readonly y: number;
  /** Brightness of the letters, in [0, 1]. */
  readonly level: number;
}

function stamped(
  film: GrayImage,
  { sheet, sheetWidthPx }: { sheet: Uint8Array; sheetWidthPx: number },
  { level, stamp, x, y }: Stamping,
): GrayImage {
  const values = film.values.slice();
  for (let row = 0; row < stamp.heightPx; row++) {
    for (let column = 0; column < stamp.widthPx; column++) {
      const ink = sheet[(stamp.topPx + row) * sheetWidthPx + column]! / 255;
      const index = (y + row) * film.widthPx + x + column;
      values[index] = values[index]! * (1 - ink) + level * ink;
    }
  }
  return { ...film, values };
}

describe.skipIf(directory === undefined)("burned-in text", () => {
  test("is found where it was put, in any font and size, and not on films without", async () => {
    const { stamps, ...sheet } = await loadStamps();
    const random = createRandom(11);
    let foundCount = 0;
    let plantedCount = 0;
    let alarmCount = 0;
    for (const film of await heldOutFilms(directory ?? "")) {
      if (findBurnedInText(film).length > 0) alarmCount++;
      for (let trial = 0; trial < 3; trial++) {
        const stamp = stamps[random.nextInt(stamps.length)]!;
        const x = random.nextInt(film.widthPx - stamp.widthPx);
        const y = random.nextInt(film.heightPx - stamp.heightPx);
        const level = 0.6 + 0.4 * random.next();
        plantedCount++;
        const isFound = findBurnedInText(stamped(film, sheet, { stamp, x, y, level })).some(
          (region) =>
            region.xPx < x + stamp.widthPx &&
            x < region.xPx + region.widthPx &&
            region.yPx < y + stamp.heightPx &&
            y < region.yPx + region.heightPx,
        );
        if (isFound) foundCount++;
      }
    }
    expect(plantedCount).toBe(30);
    expect(foundCount / plantedCount).toBeGreaterThanOrEqual(0.8);
    expect(alarmCount).toBe(0);
  });

  test("is judged alike in the negative of a film, where letters are dark", async () => {
    const { stamps, ...sheet } = await loadStamps();
    const random = createRandom(12);
    for (const film of await heldOutFilms(directory ?? "")) {
      for (let trial = 0; trial < 3; trial++) {
        const stamp = stamps[random.nextInt(stamps.length)]!;
        const x = random.nextInt(film.widthPx - stamp.widthPx);
        const y = random.nextInt(film.heightPx - stamp.heightPx);
        const faint = stamped(film, sheet, { stamp, x, y, level: 0.3 + 0.3 * random.next() });
        const negative = { ...faint, values: faint.values.map((value) => 1 - value) };
        expect(findBurnedInText(negative)).toEqual(findBurnedInText(faint));
      }
    }
  });
});
