"use client";

import type { PixelRegion } from "@crossread/dicom/deidentify/deidentified-file";
import { useState, type PointerEvent } from "react";
import { Button } from "../../components/button.tsx";
import type { Picture } from "./file-worker-protocol.ts";
import { GrayPicture } from "./gray-picture.tsx";
import { regionBetween, type PicturePoint } from "./mask-region.ts";

/** The boxes that will be covered: drawn with the pointer, taken away in the list below the picture. */
export function MaskEditor(props: {
  picture: Picture;
  regions: readonly PixelRegion[];
  onChange: (regions: readonly PixelRegion[]) => void;
  isLarge?: boolean;
}) {
  const { onChange, picture, regions } = props;
  const [start, setStart] = useState<PicturePoint>();
  const [end, setEnd] = useState<PicturePoint>();
  const drawn = start && end ? regionBetween(picture, start, end) : undefined;

  const pointOf = (event: PointerEvent<HTMLElement>): PicturePoint => {
    const box = event.currentTarget.getBoundingClientRect();
    return { x: (event.clientX - box.left) / box.width, y: (event.clientY - box.top) / box.height };
  };
  return (
    <div className="flex flex-col items-center gap-3">
      <div
        className="cursor-crosshair touch-none select-none"
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          setStart(pointOf(event));
        }}
        onPointerMove={(event) => {
          if (start !== undefined) setEnd(pointOf(event));
        }}
        onPointerUp={() => {
          if (drawn !== undefined) onChange([...regions, drawn]);
          setStart(undefined);
          setEnd(undefined);
        }}
      >
        <GrayPicture
          picture={picture}
          regions={drawn === undefined ? regions : [...regions, drawn]}
          label="The image, with boxes around what will be covered"
          isLarge={props.isLarge === true}
        />
      </div>
      <p className="text-sm text-slate-600">Draw a box over anything else that must be covered.</p>
      <ul className="flex flex-wrap justify-center gap-2">
        {regions.map((region, index) => (
          <li key={`${region.xPx} ${region.yPx} ${region.widthPx} ${region.heightPx}`}>
            <Button onClick={() => onChange(regions.filter((_, other) => other !== index))}>
              Uncover box {index + 1}
            </Button>
          </li>
        ))}
      </ul>
    </div>
  );
}
