/** Query parameters of a rendered resource (PS3.18 8.3.5). */
import type { RenderedImageOptions } from "@crossread/dicom/rendered-image";
import { DicomWebRefusal } from "./dicomweb-refusal.ts";

const largestSidePx = 8_192;
const voiFunctions = { linear: "LINEAR", "linear-exact": "LINEAR_EXACT", sigmoid: "SIGMOID" } as const;

export function parseRendering(parameters: URLSearchParams): Omit<RenderedImageOptions, "format"> {
  return {
    quality: quality(parameters.get("quality")),
    window: window(parameters.get("window")),
    viewport: viewport(parameters.get("viewport")),
  };
}

function quality(text: string | null): number | undefined {
  if (text === null) return undefined;
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > 100) throw refusal("quality takes 1 to 100.");
  return value;
}

/** window=center,width,function; the function is linear where it is left out. */
function window(text: string | null): RenderedImageOptions["window"] {
  if (text === null) return undefined;
  const [centerText, widthText, name = "linear", ...rest] = text.split(",");
  const [center, width] = [Number(centerText), Number(widthText)];
  const isNumber = centerText?.trim() !== "" && Number.isFinite(center) && Number.isFinite(width);
  if (!isNumber || rest.length > 0 || !isVoiFunction(name)) {
    throw refusal("window takes CENTER,WIDTH,linear|linear-exact|sigmoid.");
  }
  if (name === "linear" ? width < 1 : width <= 0) throw refusal("The width of a window must be positive.");
  return { center, width, voiLutFunction: voiFunctions[name] };
}

const isVoiFunction = (name: string): name is keyof typeof voiFunctions => Object.hasOwn(voiFunctions, name);

/** viewport=vw,vh, or vw,vh,sx,sy,sw,sh with the region of the image that is shown. */
function viewport(text: string | null): RenderedImageOptions["viewport"] {
  if (text === null) return undefined;
  const numbers = text.split(",").map((part) => (/^\d{1,6}$/.test(part) ? Number(part) : Number.NaN));
  const [widthPx = 0, heightPx = 0, xPx, yPx, regionWidthPx, regionHeightPx] = numbers;
  const isSized = [widthPx, heightPx].every((side) => side >= 1 && side <= largestSidePx);
  const isWhole = (numbers.length === 2 || numbers.length === 6) && !numbers.some(Number.isNaN);
  if (!isSized || !isWhole) {
    throw refusal(`viewport takes WIDTH,HEIGHT[,X,Y,WIDTH,HEIGHT] in pixels, of at most ${largestSidePx}.`);
  }
  if (xPx === undefined || yPx === undefined || regionWidthPx === undefined || regionHeightPx === undefined) {
    return { widthPx, heightPx };
  }
  return { widthPx, heightPx, region: { xPx, yPx, widthPx: regionWidthPx, heightPx: regionHeightPx } };
}

const refusal = (message: string) => new DicomWebRefusal(400, message);
