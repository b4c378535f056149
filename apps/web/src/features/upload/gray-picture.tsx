"use client";

import type { PixelRegion } from "@crossread/dicom/deidentify/deidentified-file";
import { useCallback } from "react";
import type { Picture } from "./file-worker-protocol.ts";

/** A grey picture of an image, with boxes around what may be text. */
export function GrayPicture(props: {
  picture: Picture;
  regions: readonly PixelRegion[];
  label: string;
  isLarge?: boolean;
}) {
  const { label, picture, regions } = props;
  const show = useCallback((canvas: HTMLCanvasElement | null) => draw(canvas, picture), [picture]);
  return (
    <figure className="relative inline-block max-w-full overflow-hidden rounded-md bg-black">
      <canvas
        role="img"
        aria-label={label}
        width={picture.widthPx}
        height={picture.heightPx}
        ref={show}
        className={`block h-auto w-auto max-w-full ${props.isLarge === true ? "max-h-[60vh]" : "max-h-80"}`}
      />
      {regions.map((region) => (
        <span
          key={`${region.xPx} ${region.yPx}`}
          className="absolute border-2 border-malignant"
          style={{
            left: `${(100 * region.xPx) / picture.reduction / picture.widthPx}%`,
            top: `${(100 * region.yPx) / picture.reduction / picture.heightPx}%`,
            width: `${(100 * region.widthPx) / picture.reduction / picture.widthPx}%`,
            height: `${(100 * region.heightPx) / picture.reduction / picture.heightPx}%`,
          }}
        />
      ))}
    </figure>
  );
}

function draw(canvas: HTMLCanvasElement | null, picture: Picture): void {
  const context = canvas?.getContext("2d");
  if (context === null || context === undefined) return;
  const image = context.createImageData(picture.widthPx, picture.heightPx);
  for (const [index, value] of picture.samples.entries()) {
    image.data.fill(value, 4 * index, 4 * index + 3);
    image.data[4 * index + 3] = 255;
  }
  context.putImageData(image, 0, 0);
}
