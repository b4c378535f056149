import type { Laterality, View } from "@crossread/contracts/dataset-manifest";

/** What hanging needs to know of an image; size in pixels, spacing where the file states it. */
export interface HungImage {
  readonly instanceId: string;
  readonly laterality: Laterality;
  readonly view: View;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly pixelSpacingMm: number | null;
}

export type HangingLayout = "four-view" | "cc-pair" | "mlo-pair" | "single";

export interface HangingSlot {
  readonly laterality: Laterality;
  readonly view: View;
  /** Absent where the case has no such image. */
  readonly image: HungImage | undefined;
}

/** Side of the viewport to which the chest wall is put, so that the breasts stand back to back. */
export const chestWallSide = (laterality: Laterality): "left" | "right" =>
  laterality === "R" ? "right" : "left";

const order = [
  { laterality: "R", view: "CC" },
  { laterality: "L", view: "CC" },
  { laterality: "R", view: "MLO" },
  { laterality: "L", view: "MLO" },
] as const;

/** All images of a case in the order in which they are read; repeats of a view follow their first image. */
export function readingOrder<TImage extends HungImage>(images: readonly TImage[]): TImage[] {
  return order.flatMap(({ laterality, view }) =>
    images.filter((image) => image.laterality === laterality && image.view === view),
  );
}

/** The slots of a layout, row by row: right breast left, left breast right, as the radiologist faces the patient. */
export function hang(
  images: readonly HungImage[],
  layout: HangingLayout,
  selectedIndex: number,
): readonly HangingSlot[] {
  if (layout === "single") {
    const image = readingOrder(images)[selectedIndex];
    return image === undefined ? [] : [{ laterality: image.laterality, view: image.view, image }];
  }
  return order
    .filter(({ view }) => layout === "four-view" || view === (layout === "cc-pair" ? "CC" : "MLO"))
    .map(({ laterality, view }) => ({
      laterality,
      view,
      image: images.find((image) => image.laterality === laterality && image.view === view),
    }));
}

export const columnCount = (layout: HangingLayout): number => (layout === "single" ? 1 : 2);

/** Largest extents in mm (in pixels where a spacing is missing), so that all images of a layout share one scale. */
export function extentOf(images: readonly HungImage[]): {
  readonly width: number;
  readonly height: number;
} {
  const spacing = (image: HungImage) => image.pixelSpacingMm ?? 1;
  return {
    width: Math.max(0, ...images.map((image) => image.widthPx * spacing(image))),
    height: Math.max(0, ...images.map((image) => image.heightPx * spacing(image))),
  };
}
