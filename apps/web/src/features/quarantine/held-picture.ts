import type { Picture } from "../upload/file-worker-protocol.ts";

/** Red, green, blue and alpha of a grey picture: one of them is enough. */
export function toPicture(rgba: Uint8ClampedArray, widthPx: number, imageWidthPx: number): Picture {
  const samples = new Uint8ClampedArray(rgba.length / 4);
  for (let index = 0; index < samples.length; index++) samples[index] = rgba[4 * index]!;
  return {
    widthPx,
    heightPx: samples.length / widthPx,
    reduction: imageWidthPx / widthPx,
    samples,
  };
}

/** The preview that the platform keeps of a held file. */
export async function fetchHeldPicture(held: { refusedFileId: string; columns: number }): Promise<Picture> {
  const response = await fetch(`/api/held/${held.refusedFileId}`, { cache: "no-store" });
  if (!response.ok) throw new Error("The picture of this file cannot be shown.");
  const bitmap = await createImageBitmap(await response.blob());
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
  const context = canvas.getContext("2d");
  if (context === null) throw new Error("This browser cannot draw the picture.");
  context.drawImage(bitmap, 0, 0);
  const { data } = context.getImageData(0, 0, bitmap.width, bitmap.height);
  return toPicture(data, bitmap.width, held.columns);
}
