"use client";

import { useCallback, useState } from "react";
import { applyAffine, invertAffine, scaleOf } from "./affine.ts";
import type { DisplayImage } from "./display-image.ts";
import type { ViewportFrame } from "./image-pane.ts";
import { hasTissue, nearestTile, tileGrid } from "./tile-grid.ts";
import type { TileStepper } from "./viewer-state.ts";

const longestPx = 112;

/** A small whole image with the part in sight and the tiles that were seen one to one; steps from tile to tile. */
export function TileMap(props: {
  viewportId: string;
  frame: ViewportFrame;
  isShown: boolean;
  className: string;
  register: (viewportId: string, stepper: TileStepper | null) => void;
}) {
  const { viewportId, frame, register } = props;
  const { display, sizePx } = frame;
  const [seen, setSeen] = useState<ReadonlySet<string>>(new Set());
  const scale = longestPx / Math.max(display.widthPx, display.heightPx);
  const drawImage = useCallback(
    (canvas: HTMLCanvasElement | null) => {
      if (canvas !== null) drawSmall(canvas, display, scale);
    },
    [display, scale],
  );
  const inverse = invertAffine(frame.transform);
  if (inverse === undefined) return null;
  const devicePixels = window.devicePixelRatio;
  const tile = { width: sizePx.width * devicePixels, height: sizePx.height * devicePixels };
  const grid = tileGrid({ width: display.widthPx, height: display.heightPx }, tile);
  const middle = applyAffine(inverse, { xPx: sizePx.width / 2, yPx: sizePx.height / 2 });
  const current = nearestTile(grid, middle);
  // Less than a device pixel for an image pixel is not one to one; a hundredth is the camera's rounding.
  const isOneToOne = scaleOf(frame.transform) * devicePixels > 0.99;
  const nameOf = (index: number) => `${grid.columns}×${grid.rows}.${index}`;
  if (isOneToOne && !seen.has(nameOf(current))) setSeen(new Set([...seen, nameOf(current)]));

  const stepper: TileStepper = (by) => {
    const { tiles } = grid;
    const start = isOneToOne ? current + by : by === 1 ? 0 : tiles.length - 1;
    for (let index = 0; index < tiles.length; index++) {
      const place = (((start + by * index) % tiles.length) + tiles.length) % tiles.length;
      const point = tiles[place];
      if (point !== undefined && hasTissue(display, point, tile)) return point;
    }
    return tiles[0];
  };

  const from = applyAffine(inverse, { xPx: 0, yPx: 0 });
  const to = applyAffine(inverse, { xPx: sizePx.width, yPx: sizePx.height });
  const isAllInSight =
    Math.min(from.xPx, to.xPx) <= 0.5 &&
    Math.max(from.xPx, to.xPx) >= display.widthPx - 0.5 &&
    Math.min(from.yPx, to.yPx) <= 0.5 &&
    Math.max(from.yPx, to.yPx) >= display.heightPx - 0.5;
  const isTurned = frame.transform.a < 0;
  return (
    <div
      ref={(element) => {
        if (element === null) return;
        register(viewportId, stepper);
        return () => register(viewportId, null);
      }}
      className={`absolute ${props.className} ${props.isShown && !isAllInSight ? "" : "hidden"}`}
      data-testid="tile-map"
    >
      <div
        className="relative border border-zinc-500 bg-black"
        style={{
          width: display.widthPx * scale,
          height: display.heightPx * scale,
          transform: isTurned ? "scaleX(-1)" : undefined,
        }}
      >
        <canvas ref={drawImage} aria-hidden className="block h-full w-full" />
        <svg
          aria-hidden
          className="absolute inset-0 h-full w-full"
          viewBox={`0 0 ${display.widthPx} ${display.heightPx}`}
        >
          {grid.tiles.map((point, index) =>
            seen.has(nameOf(index)) ? (
              <rect
                key={index}
                x={point.xPx - tile.width / 2}
                y={point.yPx - tile.height / 2}
                width={tile.width}
                height={tile.height}
                className="fill-sky-300/25"
              />
            ) : null,
          )}
          <rect
            x={Math.min(from.xPx, to.xPx)}
            y={Math.min(from.yPx, to.yPx)}
            width={Math.abs(to.xPx - from.xPx)}
            height={Math.abs(to.yPx - from.yPx)}
            className="fill-none stroke-yellow-200"
            strokeWidth={2}
            vectorEffect="non-scaling-stroke"
          />
        </svg>
      </div>
    </div>
  );
}

function drawSmall(canvas: HTMLCanvasElement, display: DisplayImage, scale: number): void {
  canvas.width = Math.max(1, Math.round(display.widthPx * scale));
  canvas.height = Math.max(1, Math.round(display.heightPx * scale));
  const context = canvas.getContext("2d");
  if (context === null) return;
  const pixels = context.createImageData(canvas.width, canvas.height);
  for (let y = 0; y < canvas.height; y++) {
    const row = Math.min(display.heightPx - 1, Math.floor((y + 0.5) / scale));
    for (let x = 0; x < canvas.width; x++) {
      const column = Math.min(display.widthPx - 1, Math.floor((x + 0.5) / scale));
      const gray = display.values[row * display.widthPx + column]! >> 8;
      pixels.data.set([gray, gray, gray, 255], (y * canvas.width + x) * 4);
    }
  }
  context.putImageData(pixels, 0, 0);
}
