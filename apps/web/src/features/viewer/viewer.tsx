"use client";

import type { TransformChain } from "@crossread/contracts/saliency-map";
import { useMemo, type ReactNode } from "react";
import { RecoveryNotice } from "./graphics-notice.tsx";
import {
  columnCount,
  earlierText,
  extentOf,
  hang,
  readingOrder,
  type HangingSlot,
  type HungImage,
  type PriorStudy,
} from "./hanging.ts";
import { Magnifier } from "./magnifier.tsx";
import { MarkLayer, type MarkEditing, type ShownMark } from "./mark-layer.tsx";
import { modelInputText, ModelInputLayer } from "./model-input-layer.tsx";
import type { ViewportFrame } from "./image-pane.ts";
import { preparingPanes } from "./pane-stock.ts";
import { SaliencyLayer } from "./saliency-layer.tsx";
import { TileMap } from "./tile-map.tsx";
import type { ViewerState } from "./viewer-state.ts";
import { Viewport } from "./viewport.tsx";

interface ViewerMap {
  /** Null where this checkpoint has no map of the image. */
  readonly mapId: string | null;
  /** Whose map it is, where two stand side by side. */
  readonly name?: string;
}

export interface ViewerImageAid {
  readonly score: number | null;
  /** One map, or one for each viewport that the image is given. */
  readonly maps: readonly ViewerMap[];
  /** How the image became the network's input. */
  readonly chain: TransformChain | null;
}

interface ViewerProps {
  readonly images: readonly HungImage[];
  /** Newest first; none where the caller has none to show. */
  readonly priors?: readonly PriorStudy[];
  readonly state: ViewerState;
  readonly marksOn: (instanceId: string) => readonly ShownMark[];
  readonly aidOf: ((instanceId: string) => ViewerImageAid | undefined) | null;
  readonly editingOn: ((instanceId: string) => Omit<MarkEditing, "tool" | "selectedId">) | null;
  /** Those of the case that comes next: drawn out of sight while this one is read. */
  readonly nextImages?: readonly HungImage[] | undefined;
}

/** One viewport: a slot of the layout, or one of several that show the same image with other maps. */
interface Pane {
  readonly viewportId: string;
  readonly slot: HangingSlot;
  readonly map: ViewerMap | null;
}

/** The viewports of a layout with their overlays; the state lives with the page that owns the keyboard. */
export default function Viewer(props: ViewerProps) {
  const { images, nextImages, priors, state } = props;
  const { settings } = state;
  const slots = hang(images, {
    layout: settings.layout,
    selectedIndex: settings.selectedIndex,
    priors: priors ?? [],
  });
  const extent = useMemo(
    () => extentOf([...readingOrder(images), ...(priors ?? []).flatMap((prior) => prior.images)]),
    [images, priors],
  );
  const prepareNext = useMemo(() => preparingPanes(nextImages ?? []), [nextImages]);
  const panesOf = slots.map((slot) => toPanes(slot, props));
  const panes = panesOf.flat();
  const columns = columnCount(settings.layout) * Math.max(1, ...panesOf.map((each) => each.length));
  const isAlone = settings.layout === "single";
  const activeId = panes.some(({ viewportId }) => viewportId === settings.activeId)
    ? settings.activeId
    : panes[0]?.viewportId;
  return (
    <div
      ref={prepareNext}
      className="relative grid h-full min-h-0 gap-px bg-zinc-800"
      style={{
        gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))`,
        gridTemplateRows: `repeat(${Math.ceil(panes.length / columns)}, minmax(0, 1fr))`,
      }}
    >
      {panes.map((pane) => {
        const { slot, viewportId } = pane;
        const { image } = slot;
        if (image === undefined) return <MissingView key={viewportId} slot={slot} />;
        return (
          <Viewport
            key={viewportId}
            viewportId={viewportId}
            image={image}
            sharedExtent={isAlone ? null : extent}
            register={state.register}
            onView={state.onView}
            cursor={state.cursor}
            isActive={panes.length > 1 && viewportId === activeId}
            onActivate={(id) => {
              if (id !== settings.activeId) state.change({ activeId: id });
            }}
            overlay={(frame) => (
              <Overlay
                {...props}
                pane={pane}
                image={image}
                frame={frame}
                isActive={viewportId === activeId}
              />
            )}
          />
        );
      })}
      <RecoveryNotice />
    </div>
  );
}

/** What stands for one image, the first of it nearest to the other breast, so that both stand back to back. */
function toPanes(slot: HangingSlot, props: ViewerProps): readonly Pane[] {
  const panes = panesFromInside(slot, props);
  const { layout } = props.state.settings;
  const isLeftOfMiddle = slot.laterality === "R" && layout !== "single" && layout !== "prior";
  return isLeftOfMiddle ? panes.toReversed() : panes;
}

/** The plain image, then its map beside it where that is wanted, otherwise the first map on the image. */
function panesFromInside(slot: HangingSlot, { aidOf, state }: ViewerProps): readonly Pane[] {
  const { image, name } = slot;
  const aid = image === undefined || slot.daysBefore !== undefined ? undefined : aidOf?.(image.instanceId);
  const maps = aid?.maps ?? [];
  if (maps.length > 1) {
    return maps.map((map, index) => ({ viewportId: index === 0 ? name : `${name}-${index + 1}`, slot, map }));
  }
  const [map = null] = maps;
  if (!state.settings.map.isBeside || aid === undefined) return [{ viewportId: name, slot, map }];
  return [
    { viewportId: name, slot, map: null },
    { viewportId: `${name}-map`, slot, map },
  ];
}

interface OverlayProps extends ViewerProps {
  readonly pane: Pane;
  readonly image: HungImage;
  readonly frame: ViewportFrame;
  readonly isActive: boolean;
}

function Overlay(props: OverlayProps) {
  const { pane, image, frame, state, isActive } = props;
  const { viewportId, slot, map } = pane;
  const { settings } = state;
  const isPrior = slot.daysBefore !== undefined;
  const aid = isPrior ? undefined : props.aidOf?.(image.instanceId);
  const editing = isPrior ? undefined : props.editingOn?.(image.instanceId);
  const isOuterLeft = (image.laterality === "R") !== frame.isFlipped;
  return (
    <>
      {settings.map.isInputShown && aid !== undefined && aid.chain !== null ? (
        <ModelInputLayer instanceId={image.instanceId} chain={aid.chain} frame={frame} />
      ) : null}
      {map === null || map.mapId === null ? null : (
        <SaliencyLayer mapId={map.mapId} image={image} transform={frame.transform} settings={settings.map} />
      )}
      <MarkLayer
        transform={frame.transform}
        marks={isPrior ? [] : props.marksOn(image.instanceId)}
        editing={
          editing === undefined
            ? null
            : { ...editing, tool: settings.markTool, selectedId: settings.selectedMarkId }
        }
        keys={{
          viewportId,
          sizePx: frame.sizePx,
          isActive,
          cursor: state.cursor,
          register: state.registerMarkKeys,
        }}
      />
      <TileMap
        viewportId={viewportId}
        frame={frame}
        isShown={settings.isTileMapShown}
        className={`bottom-12 ${isOuterLeft ? "left-2" : "right-2"}`}
        register={state.registerTiles}
      />
      <Captions
        slot={slot}
        image={image}
        frame={frame}
        isOuterLeft={isOuterLeft}
        score={aid?.score ?? null}
        note={map?.name ?? (settings.map.isBeside && map !== null ? "with map" : null)}
        isMapMissing={map !== null && map.mapId === null}
        chain={settings.map.isInputShown ? (aid?.chain ?? null) : null}
      />
      {settings.isMagnifying ? (
        <Magnifier
          viewportId={viewportId}
          frame={frame}
          cursor={state.cursor}
          isActive={isActive}
          register={state.registerMarkKeys}
        />
      ) : null}
    </>
  );
}

function MissingView({ slot }: { slot: HangingSlot }) {
  const what = slot.name.startsWith("prior")
    ? `No earlier ${slot.laterality} ${slot.view} image`
    : `No ${slot.laterality} ${slot.view} image`;
  return <div className="grid place-items-center bg-black text-sm text-zinc-400">{what}</div>;
}

/** Orientation at the outer edge, away from the chest wall, so that it never covers tissue near it. */
function Captions(props: {
  slot: HangingSlot;
  image: HungImage;
  frame: ViewportFrame;
  isOuterLeft: boolean;
  score: number | null;
  note: ReactNode;
  isMapMissing: boolean;
  /** While the network's input is shown in place of the image. */
  chain: TransformChain | null;
}) {
  const { slot, image, frame, score, note, chain } = props;
  const side = props.isOuterLeft ? "left-2 text-left" : "right-2 text-right";
  // The air is white then.
  const ground = frame.isInverted ? "rounded-sm bg-black/75 px-1" : "";
  return (
    <>
      <div
        className={`pointer-events-none absolute top-2 max-w-[calc(100%-1rem)] ${side} ${ground} text-lg leading-5 font-semibold text-zinc-100 [text-shadow:0_0_3px_black]`}
      >
        {image.laterality} {image.view}
        {slot.daysBefore === undefined ? null : (
          <p className="text-xs font-normal text-sky-200">{earlierText(slot.daysBefore)}</p>
        )}
        {note === null ? null : <p className="text-xs font-normal text-balance text-sky-200">{note}</p>}
        {props.isMapMissing ? <p className="text-xs font-normal text-orange-300">no map</p> : null}
        {frame.isFlipped ? (
          <p className="mt-0.5 w-fit rounded-sm bg-orange-300 px-1 text-xs font-semibold text-black [text-shadow:none]">
            FLIPPED
          </p>
        ) : null}
        {frame.isMirrored ? <p className="text-xs font-normal text-orange-300">mirrored</p> : null}
        {frame.isInverted ? <p className="text-xs font-normal text-orange-300">inverted</p> : null}
      </div>
      <div
        className={`pointer-events-none absolute bottom-2 max-w-[calc(100%-1rem)] ${side} ${ground} text-[11px] text-zinc-400 [text-shadow:0_0_3px_black]`}
      >
        {score === null ? null : (
          <p className="text-sm text-zinc-100">Model score for malignant {score.toFixed(2)}</p>
        )}
        {chain === null ? null : <p className="max-w-44 text-sky-200">{modelInputText(chain)}</p>}
        <p>
          {image.pixelSpacingMm === null ? "no scale" : `${image.pixelSpacingMm} mm/px`} · window{" "}
          {Math.round(frame.window.lower * 100)}–{Math.round(frame.window.upper * 100)}%
        </p>
      </div>
    </>
  );
}
