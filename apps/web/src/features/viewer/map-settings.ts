import type { ColourMapName } from "./colour-map.ts";

export interface MapSettings {
  readonly isShown: boolean;
  readonly isBlinking: boolean;
  readonly colours: ColourMapName;
  /** Filled with colours, or only the line along the threshold. */
  readonly style: "colour" | "contour";
  /** In [0, 1]. */
  readonly opacity: number;
  /** Share of the map's maximum, in [0, 1]. */
  readonly threshold: number;
  /** The class whose score the map belongs to. */
  readonly classLabel: "benign" | "malignant";
  /** The image stands without the map, beside it. */
  readonly isBeside: boolean;
  /** What the network was given in place of the image. */
  readonly isInputShown: boolean;
}

export const defaultMapSettings: MapSettings = {
  isShown: true,
  isBlinking: false,
  colours: "inferno",
  style: "colour",
  opacity: 0.45,
  threshold: 0.2,
  classLabel: "malignant",
  isBeside: false,
  isInputShown: false,
};
