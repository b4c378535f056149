"use client";

import { useQuery } from "@tanstack/react-query";
import { useCallback } from "react";
import type { Affine } from "./affine.ts";
import { colourGradient, colouriseMap, contourMap } from "./colour-map.ts";
import type { MapSettings } from "./map-settings.ts";

interface MapPixels {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly values: Uint8Array;
}

async function loadMap(mapId: string): Promise<MapPixels> {
  const response = await fetch(`/api/maps/${mapId}`);
  if (!response.ok) throw new Error(`The map could not be loaded (${response.status}).`);
  const bitmap = await createImageBitmap(await response.blob(), { colorSpaceConversion: "none" });
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
  const context = canvas.getContext("2d");
  if (context === null) throw new Error("This browser cannot read the map.");
  context.drawImage(bitmap, 0, 0);
  const { data } = context.getImageData(0, 0, bitmap.width, bitmap.height);
  const values = Uint8Array.from({ length: data.length / 4 }, (_, index) => data[index * 4]!);
  return { widthPx: bitmap.width, heightPx: bitmap.height, values };
}

/** The saliency map over exactly the image's frame; the transform is the viewport's own, so it follows every move. */
export function SaliencyLayer(props: {
  mapId: string;
  image: { readonly widthPx: number; readonly heightPx: number };
  transform: Affine;
  settings: MapSettings;
}) {
  const { mapId, image, transform, settings } = props;
  const map = useQuery({ queryKey: ["map", mapId], queryFn: () => loadMap(mapId), staleTime: Infinity });
  const { colours, threshold, style } = settings;
  const draw = useCallback(
    (canvas: HTMLCanvasElement | null) => {
      if (canvas === null || map.data === undefined) return;
      const { widthPx, heightPx, values } = map.data;
      canvas.width = widthPx;
      canvas.height = heightPx;
      const rgba =
        style === "contour"
          ? contourMap(map.data, threshold)
          : colouriseMap(values, { name: colours, threshold });
      canvas.getContext("2d")?.putImageData(new ImageData(rgba, widthPx, heightPx), 0, 0);
    },
    [map.data, colours, threshold, style],
  );
  if (map.error !== null) {
    return (
      <p role="alert" className="absolute inset-x-0 bottom-8 text-center text-xs text-orange-300">
        {map.error.message}
      </p>
    );
  }
  if (map.data === undefined || !settings.isShown) return null;
  const scaleX = image.widthPx / map.data.widthPx;
  const scaleY = image.heightPx / map.data.heightPx;
  const { a, b, c, d, e, f } = transform;
  return (
    <canvas
      ref={draw}
      aria-hidden
      data-testid="saliency-layer"
      className={`pointer-events-none absolute top-0 left-0 origin-top-left ${settings.isBlinking ? "motion-safe:animate-[blink_1s_steps(1)_infinite]" : ""}`}
      style={{
        opacity: style === "contour" ? 1 : settings.opacity,
        transform: `matrix(${a * scaleX},${b * scaleX},${c * scaleY},${d * scaleY},${e},${f})`,
      }}
    />
  );
}

/** From 0 to the map's own maximum: a map has no unit that two images share. */
export function ColourBar(props: { settings: MapSettings }) {
  const { colours, threshold, style } = props.settings;
  const percent = Math.round(threshold * 100);
  return (
    <figure className="w-full" aria-label="Colour bar of the saliency map">
      <div
        className="relative h-2.5 w-full rounded-sm"
        style={{ background: style === "contour" ? undefined : colourGradient(colours) }}
      >
        <div
          className={`absolute inset-y-0 left-0 rounded-l-sm ${style === "contour" ? "border-r-2 border-sky-300 bg-zinc-800" : "bg-zinc-900/80"}`}
          style={{ width: `${percent}%` }}
        />
      </div>
      <figcaption className="mt-1 flex justify-between gap-2 text-[11px] text-zinc-400 tabular-nums">
        <span>0</span>
        <span className="text-center">
          {style === "contour" ? `line at ${percent}%` : `shown from ${percent}%`}
        </span>
        <span className="text-right">100% of maximum</span>
      </figcaption>
    </figure>
  );
}
