"use client";

import type { Laterality, View } from "@crossread/contracts/dataset-manifest";
import { useMemo } from "react";
import { columnCount, extentOf, hang, readingOrder, type HungImage } from "./hanging.ts";
import { MarkLayer, type MarkEditing, type ShownMark } from "./mark-layer.tsx";
import { SaliencyLayer } from "./saliency-layer.tsx";
import type { ViewerState } from "./viewer-state.ts";
import { Viewport, type ViewportFrame } from "./viewport.tsx";

export interface ViewerImageAid {
  readonly score: number | null;
  readonly mapId: string | null;
}

/** The viewports of a layout with their overlays; the state lives with the page that owns the keyboard. */
export default function Viewer(props: {
  images: readonly HungImage[];
  state: ViewerState;
  marksOn: (instanceId: string) => readonly ShownMark[];
  aidOf: ((instanceId: string) => ViewerImageAid | undefined) | null;
  editingOn: ((instanceId: string) => Omit<MarkEditing, "tool" | "selectedId">) | null;
}) {
  const { images, state } = props;
  const { settings } = state;
  const slots = hang(images, settings.layout, settings.selectedIndex);
  const extent = useMemo(() => extentOf(readingOrder(images)), [images]);
  const columns = columnCount(settings.layout);
  return (
    <div
      className="grid h-full min-h-0 gap-px bg-zinc-800"
      style={{
        gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))`,
        gridTemplateRows: `repeat(${Math.ceil(slots.length / columns)}, minmax(0, 1fr))`,
      }}
    >
      {slots.map((slot) => {
        const { image } = slot;
        if (image === undefined) {
          return (
            <MissingView key={slot.laterality + slot.view} laterality={slot.laterality} view={slot.view} />
          );
        }
        const aid = props.aidOf?.(image.instanceId);
        const editing = props.editingOn?.(image.instanceId);
        return (
          <Viewport
            key={slot.laterality + slot.view}
            viewportId={`view-${slot.laterality}${slot.view}`}
            image={image}
            sharedExtent={settings.layout === "single" ? null : extent}
            register={state.register}
            overlay={(frame) => (
              <>
                {aid === undefined || aid.mapId === null ? null : (
                  <SaliencyLayer
                    mapId={aid.mapId}
                    image={image}
                    transform={frame.transform}
                    settings={settings.map}
                  />
                )}
                <MarkLayer
                  transform={frame.transform}
                  marks={props.marksOn(image.instanceId)}
                  editing={
                    editing === undefined
                      ? null
                      : { ...editing, tool: settings.markTool, selectedId: settings.selectedMarkId }
                  }
                />
                <Captions image={image} frame={frame} score={aid?.score ?? null} />
              </>
            )}
          />
        );
      })}
    </div>
  );
}

function MissingView(props: { laterality: Laterality; view: View }) {
  return (
    <div className="grid place-items-center bg-black text-sm text-zinc-500">
      No {props.laterality} {props.view} image
    </div>
  );
}

/** Orientation at the outer edge, away from the chest wall, so that it never covers tissue near it. */
function Captions(props: { image: HungImage; frame: ViewportFrame; score: number | null }) {
  const { image, frame, score } = props;
  const isOuterLeft = image.laterality === "R";
  const side = isOuterLeft ? "left-2 text-left" : "right-2 text-right";
  return (
    <>
      <div
        className={`absolute top-2 ${side} text-lg leading-5 font-semibold text-zinc-100 [text-shadow:0_0_3px_black]`}
      >
        {image.laterality} {image.view}
        {frame.isMirrored ? <p className="text-xs font-normal text-orange-300">mirrored</p> : null}
        {frame.isInverted ? <p className="text-xs font-normal text-orange-300">inverted</p> : null}
      </div>
      <div className={`absolute bottom-2 ${side} text-[11px] text-zinc-400 [text-shadow:0_0_3px_black]`}>
        {score === null ? null : <p className="text-sm text-zinc-100">Model score {score.toFixed(2)}</p>}
        <p>
          {image.pixelSpacingMm === null ? "no scale" : `${image.pixelSpacingMm} mm/px`} · window{" "}
          {Math.round(frame.window.lower * 100)}–{Math.round(frame.window.upper * 100)} %
        </p>
      </div>
    </>
  );
}
