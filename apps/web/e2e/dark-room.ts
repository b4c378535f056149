import type { Page } from "playwright-core";

const smallestContrast = 4.5;

/** Mean relative luminance of the room beside the images, in [0, 1]: the eye stays adapted to the dark. */
export const brightestRoom = 0.05;

interface ShownText {
  readonly text: string;
  /** WCAG 2.2, 1.4.3. */
  readonly contrast: number;
}

/**
 * Contrast of every visible text with the surfaces below it, as the browser computes their colours.
 * What lies over an image (captions) has the picture below it and is left out, as is what is switched off.
 */
async function contrastsOf(page: Page): Promise<ShownText[]> {
  return page.evaluate(() => {
    const context = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
    if (context === null) throw new Error("No canvas");
    /** Any CSS colour painted over another one, as the screen does it. */
    const over = (colour: string, below: readonly number[]): number[] => {
      context.globalAlpha = 1;
      context.fillStyle = `rgb(${below.join(" ")})`;
      context.fillRect(0, 0, 1, 1);
      context.fillStyle = colour;
      context.fillRect(0, 0, 1, 1);
      return Array.from(context.getImageData(0, 0, 1, 1).data.subarray(0, 3));
    };
    const surfaceOf = (element: Element | null): number[] =>
      element === null
        ? [255, 255, 255]
        : over(getComputedStyle(element).backgroundColor, surfaceOf(element.parentElement));
    const luminance = (rgb: readonly number[]) => {
      const [r = 0, g = 0, b = 0] = rgb.map((value) => {
        const share = value / 255;
        return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
      });
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const found: ShownText[] = [];
    for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
      const element = node.parentElement;
      const text = node.textContent?.trim() ?? "";
      if (element === null || text === "" || element.closest("script, style, option, :disabled") !== null) {
        continue;
      }
      if (element.closest("main[aria-label=Images]") !== null) continue;
      const { width, height } = element.getBoundingClientRect();
      if (width < 2 || height < 2 || !element.checkVisibility({ visibilityProperty: true })) continue;
      const surface = surfaceOf(element);
      const style = getComputedStyle(element);
      const ink = over(style.color, surface);
      const opacity = Number(style.opacity);
      const seen = ink.map((value, index) => value * opacity + (surface[index] ?? 0) * (1 - opacity));
      const [low = 0, high = 0] = [luminance(seen), luminance(surface)].toSorted((a, b) => a - b);
      found.push({ text: text.slice(0, 40), contrast: (high + 0.05) / (low + 0.05) });
    }
    return found;
  });
}

export async function lowContrasts(page: Page): Promise<string[]> {
  return (await contrastsOf(page))
    .filter(({ contrast }) => contrast < smallestContrast)
    .map(({ text, contrast }) => `${contrast.toFixed(2)}: ${text}`);
}

/** Of a photograph of the page, without the images. */
export async function roomLuminance(page: Page): Promise<number> {
  const images = page.getByRole("main", { name: "Images" });
  const hole = (await images.count()) === 0 ? null : await images.boundingBox();
  const picture = (await page.screenshot({ animations: "disabled" })).toString("base64");
  const darkroom = await page.context().newPage();
  const mean = await darkroom.evaluate(
    async ({ picture, hole }) => {
      const bytes = Uint8Array.from(atob(picture), (letter) => letter.charCodeAt(0));
      const bitmap = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
      const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext("2d");
      if (context === null) throw new Error("No canvas");
      context.drawImage(bitmap, 0, 0);
      const { data } = context.getImageData(0, 0, bitmap.width, bitmap.height);
      const linear = Array.from({ length: 256 }, (_, value) => {
        const share = value / 255;
        return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
      });
      const at = (index: number) => linear[data[index] ?? 0] ?? 0;
      let sum = 0;
      let count = 0;
      for (let y = 0; y < bitmap.height; y++) {
        for (let x = 0; x < bitmap.width; x++) {
          const isHole =
            hole !== null &&
            x >= hole.x &&
            x < hole.x + hole.width &&
            y >= hole.y &&
            y < hole.y + hole.height;
          if (isHole) continue;
          const index = (y * bitmap.width + x) * 4;
          sum += 0.2126 * at(index) + 0.7152 * at(index + 1) + 0.0722 * at(index + 2);
          count += 1;
        }
      }
      return sum / count;
    },
    { picture, hole },
  );
  await darkroom.close();
  return mean;
}
