"use client";

import type { MarkGeometry } from "@crossread/contracts/mark";
import type { ReferenceMark } from "@crossread/contracts/reference-mark";
import { useState } from "react";
import { MarkDrawing } from "./mark-drawing.tsx";
import type { DrawTool, ImageFrame } from "./mark-shapes.ts";

export interface CanvasImage extends ImageFrame {
  readonly instanceId: string;
  readonly name: string;
  readonly address: string;
}

/** The rendered image in its own pixel frame, never flipped or turned, with its marks over it; it scrolls where it is enlarged. */
export function MarkCanvas(props: {
  image: CanvasImage;
  zoom: number;
  brightness: number;
  contrast: number;
  marks: readonly ReferenceMark[];
  selectedId: string | null;
  selectedHandle: number | null;
  tool: DrawTool | null;
  onAdd: (geometry: MarkGeometry) => void;
  onShape: (markId: string, geometry: MarkGeometry) => void;
  onSelect: (markId: string | null) => void;
  onSelectHandle: (index: number | null) => void;
}) {
  const { image, marks } = props;
  const [space, setSpace] = useState({ width: 0, height: 0 });
  const [isFailed, setFailed] = useState(false);
  const fit = Math.min(space.width / image.widthPx, space.height / image.heightPx);
  const scale = fit * props.zoom;
  return (
    <div
      // Scrolled with the keyboard too.
      tabIndex={0}
      role="region"
      aria-label={`Image ${image.name}`}
      className="h-full min-h-0 overflow-auto bg-black"
      ref={(element) => {
        if (element === null) return;
        const observer = new ResizeObserver(() =>
          setSpace({ width: element.clientWidth, height: element.clientHeight }),
        );
        observer.observe(element);
        return () => observer.disconnect();
      }}
    >
      {scale > 0 ? (
        <div
          className="relative mx-auto"
          style={{ width: image.widthPx * scale, height: image.heightPx * scale }}
        >
          {/* Authorised by the session's cookie, so the optimiser must not fetch it. */}
          <img
            src={image.address}
            alt={`Mammogram ${image.name}`}
            draggable={false}
            onError={() => setFailed(true)}
            className="absolute inset-0 h-full w-full select-none"
            style={{ filter: `brightness(${props.brightness}) contrast(${props.contrast})` }}
          />
          <MarkDrawing
            image={image}
            scale={scale}
            marks={marks}
            selected={marks.find(({ markId }) => markId === props.selectedId)}
            selectedHandle={props.selectedHandle}
            tool={props.tool}
            onAdd={props.onAdd}
            onShape={props.onShape}
            onSelect={props.onSelect}
            onSelectHandle={props.onSelectHandle}
          />
          {isFailed ? (
            <p role="alert" className="absolute inset-x-0 top-1/3 px-6 text-center text-sm text-orange-300">
              The image could not be rendered. Marks can still be entered by numbers.
            </p>
          ) : null}
        </div>
      ) : null}
    </div>
  );
}
