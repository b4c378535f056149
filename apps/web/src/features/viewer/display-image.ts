import type { MammogramInstance } from "@crossread/dicom/mammogram-instance";
import { decodePixelData, type StoredValues } from "@crossread/dicom/pixel-data";
import { patientSpacing } from "@crossread/dicom/pixel-spacing";
import { presentOn16Bits, toGrayImage } from "@crossread/dicom/presentation";
import { readInstance } from "@crossread/dicom/read-instance";
import { preprocess } from "@crossread/model/preprocess";
import { locateWasm } from "./codec-files.ts";
import type { ModelInput } from "./decode-protocol.ts";
import { makeOverview, type Overview } from "./overview.ts";

/** An image as the screen shows it: the same presentation values as thumbnail and model, on 16 bits. */
export interface DisplayImage {
  readonly widthPx: number;
  readonly heightPx: number;
  /** Row-major, 0…65535, bright = dense. */
  readonly values: Uint16Array<ArrayBuffer>;
  /** Distance between rows, between columns, in the breast; 1 where the file states none. */
  readonly rowSpacing: number;
  readonly columnSpacing: number;
  /** Null where the image is small. */
  readonly overview: Overview | null;
  /** Side of the stored image on which the chest wall lies. */
  readonly chestWall: "left" | "right";
}

/** Runs in a worker: fetching and decoding never hold up the page. */
export async function loadDisplayImage(instanceId: string): Promise<DisplayImage> {
  const instance = await loadInstance(instanceId);
  return toDisplayImage(instance, await decodePixelData(instance, { locateWasm }));
}

/** Exactly what prediction and map were made from, before mean and standard deviation are applied. */
export async function loadModelInput(instanceId: string, inputSizePx: number): Promise<ModelInput> {
  const instance = await loadInstance(instanceId);
  return Float32Array.from(preprocess(await toGrayImage(instance, { locateWasm }), inputSizePx).pixels);
}

async function loadInstance(instanceId: string): Promise<MammogramInstance> {
  const response = await fetch(`/api/instances/${instanceId}/dicom`);
  if (!response.ok) throw new Error(`The image could not be loaded (${response.status}).`);
  return readInstance(new Uint8Array(await response.arrayBuffer()), instanceId);
}

export function toDisplayImage(instance: MammogramInstance, stored: StoredValues): DisplayImage {
  const { columns: widthPx, rows: heightPx } = instance.pixel;
  const values = presentOn16Bits(instance, stored);
  const [rowSpacing, columnSpacing] = patientSpacing(instance)?.spacingMm ?? [1, 1];
  return {
    widthPx,
    heightPx,
    values,
    rowSpacing,
    columnSpacing,
    overview: makeOverview({ widthPx, heightPx, values }),
    chestWall: findChestWall(instance.patientOrientation?.[0], { widthPx, heightPx, values }),
  };
}

/** From Patient Orientation (the rows run towards A or P), else from where the tissue meets the edge. */
export function findChestWall(
  rowDirection: string | undefined,
  image: Pick<DisplayImage, "widthPx" | "heightPx" | "values">,
): "left" | "right" {
  if (rowDirection?.startsWith("A") === true) return "left";
  if (rowDirection?.startsWith("P") === true) return "right";
  const { widthPx, heightPx, values } = image;
  const edgePx = Math.max(1, Math.round(widthPx * 0.08));
  let left = 0;
  let right = 0;
  for (let row = 0; row < heightPx; row++) {
    for (let column = 0; column < edgePx; column++) {
      left += values[row * widthPx + column]!;
      right += values[row * widthPx + widthPx - 1 - column]!;
    }
  }
  return left >= right ? "left" : "right";
}
