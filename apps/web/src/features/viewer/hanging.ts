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

export type HangingLayout = "four-view" | "cc-pair" | "mlo-pair" | "single" | "prior";

/** An earlier study of the same patient. */
export interface PriorStudy {
  readonly daysBefore: number;
  readonly images: readonly HungImage[];
}

export interface HangingSlot {
  /** Unique in a layout. */
  readonly name: string;
  readonly laterality: Laterality;
  readonly view: View;
  /** Absent where the case has no such image. */
  readonly image: HungImage | undefined;
  /** How long before the present study the image was made, for one of an earlier study. */
  readonly daysBefore?: number;
}

interface Hanging {
  readonly layout: HangingLayout;
  /** Place in the reading order. */
  readonly selectedIndex: number;
  /** Newest first. */
  readonly priors?: readonly PriorStudy[];
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
export function hang(images: readonly HungImage[], hanging: Hanging): readonly HangingSlot[] {
  const { layout, selectedIndex, priors = [] } = hanging;
  if (layout === "single" || layout === "prior") {
    const image = readingOrder(images)[selectedIndex];
    if (image === undefined) return [];
    const current = slotOf(image, image);
    return layout === "single" ? [current] : [priorSlot(image, priors), current];
  }
  return order
    .filter(({ view }) => layout === "four-view" || view === (layout === "cc-pair" ? "CC" : "MLO"))
    .map((place) =>
      slotOf(
        place,
        images.find((image) => image.laterality === place.laterality && image.view === place.view),
      ),
    );
}

const slotOf = (
  place: Pick<HangingSlot, "laterality" | "view">,
  image: HungImage | undefined,
): HangingSlot => ({
  name: `view-${place.laterality}${place.view}`,
  laterality: place.laterality,
  view: place.view,
  image,
});

/** The newest earlier image of the same breast in the same view. */
function priorSlot({ laterality, view }: HungImage, priors: readonly PriorStudy[]): HangingSlot {
  const found = priors
    .map(({ daysBefore, images }) => ({
      daysBefore,
      image: images.find((image) => image.laterality === laterality && image.view === view),
    }))
    .find(({ image }) => image !== undefined);
  return {
    name: `prior-${laterality}${view}`,
    laterality,
    view,
    image: found?.image,
    ...(found === undefined ? {} : { daysBefore: found.daysBefore }),
  };
}

/** 400 days are "13 months earlier": dates are shifted by de-identification, intervals are kept. */
export function earlierText(days: number): string {
  if (days < 61) return `${days} ${days === 1 ? "day" : "days"} earlier`;
  const months = Math.round(days / 30.44);
  return months < 24 ? `${months} months earlier` : `${(days / 365.25).toFixed(1)} years earlier`;
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
