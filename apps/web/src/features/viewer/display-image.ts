import type { GrayImage } from "@crossread/dicom/gray-image";
import type { MammogramInstance } from "@crossread/dicom/mammogram-instance";
import { patientSpacing } from "@crossread/dicom/pixel-spacing";
import { toGrayImage } from "@crossread/dicom/presentation";
import { readInstance } from "@crossread/dicom/read-instance";
import { locateWasm } from "./codec-files.ts";

export const displayMaximum = 65_535;

/** An image as the screen shows it: the same presentation values as thumbnail and model, on 16 bits. */
export interface DisplayImage {
  readonly widthPx: number;
  readonly heightPx: number;
  /** Row-major, 0…65535, bright = dense. */
  readonly values: Uint16Array;
  /** Distance between rows, between columns, in the breast; 1 where the file states none. */
  readonly rowSpacing: number;
  readonly columnSpacing: number;
  /** Side of the stored image on which the chest wall lies. */
  readonly chestWall: "left" | "right";
}

export async function loadDisplayImage(instanceId: string): Promise<DisplayImage> {
  const response = await fetch(`/api/instances/${instanceId}/dicom`);
  if (!response.ok) throw new Error(`The image could not be loaded (${response.status}).`);
  const instance = readInstance(new Uint8Array(await response.arrayBuffer()), instanceId);
  return toDisplayImage(instance, await toGrayImage(instance, { locateWasm }));
}

export function toDisplayImage(instance: MammogramInstance, image: GrayImage): DisplayImage {
  const values = new Uint16Array(image.values.length);
  for (let index = 0; index < values.length; index++) {
    values[index] = Math.round(image.values[index]! * displayMaximum);
  }
  const [rowSpacing, columnSpacing] = patientSpacing(instance)?.spacingMm ?? [1, 1];
  return {
    widthPx: image.widthPx,
    heightPx: image.heightPx,
    values,
    rowSpacing,
    columnSpacing,
    chestWall: findChestWall(instance.patientOrientation?.[0], image),
  };
}

/** From Patient Orientation (the rows run towards A or P), else from where the tissue meets the edge. */
export function findChestWall(rowDirection: string | undefined, image: GrayImage): "left" | "right" {
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
