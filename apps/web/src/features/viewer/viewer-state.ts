"use client";

import { useCallback, useReducer, useRef, useState } from "react";
import type { Point } from "./affine.ts";
import { selectDragTool, type DragTool } from "./cornerstone.ts";
import { createCursor, type Cursor } from "./cursor.ts";
import { readingOrder, type HangingLayout, type HungImage } from "./hanging.ts";
import type { MarkTool } from "./mark-geometry.ts";
import type { MarkKeyHandler } from "./mark-layer.tsx";
import { defaultMapSettings, type MapSettings } from "./map-settings.ts";
import type { DisplayWindow, ViewportCommands } from "./image-pane.ts";

interface ViewerSettings {
  readonly layout: HangingLayout;
  /** Place in the reading order of the image shown in the single layout and beside its prior. */
  readonly selectedIndex: number;
  readonly dragTool: DragTool;
  /** While set, the primary button draws. */
  readonly markTool: MarkTool | null;
  readonly selectedMarkId: string | null;
  readonly map: MapSettings;
  /** Viewports of the same view move and zoom together. */
  readonly isLinked: boolean;
  readonly isMagnifying: boolean;
  readonly isTileMapShown: boolean;
  /** The viewport that keys work on; null until one is chosen. */
  readonly activeId: string | null;
}

const initialSettings: ViewerSettings = {
  layout: "four-view",
  selectedIndex: 0,
  dragTool: "window",
  markTool: null,
  selectedMarkId: null,
  map: defaultMapSettings,
  isLinked: false,
  isMagnifying: false,
  isTileMapShown: true,
  activeId: null,
};

/** Steps through an image tile by tile, told by the viewport that knows its size. */
export type TileStepper = (by: 1 | -1) => Point | undefined;

export interface ViewerState {
  readonly settings: ViewerSettings;
  readonly change: (change: Partial<ViewerSettings>) => void;
  readonly changeMap: (change: Partial<MapSettings>) => void;
  readonly register: (viewportId: string, commands: ViewportCommands | null) => void;
  readonly registerMarkKeys: (viewportId: string, handler: MarkKeyHandler | null) => void;
  readonly registerTiles: (viewportId: string, stepper: TileStepper | null) => void;
  readonly onEvery: (command: (viewport: ViewportCommands) => void) => void;
  /** The viewport was moved by the reader: linked ones follow. */
  readonly onView: (viewportId: string) => void;
  readonly cursor: Cursor;
  /** Whether the key was the viewer's. */
  readonly handleKey: (key: string, images: readonly HungImage[]) => boolean;
  /** Whether the key was meant for the drawing tool, the selected mark or the magnifier; asked first. */
  readonly handleMarkKey: (event: KeyboardEvent) => boolean;
  /** Puts the image into a viewport if none shows it. */
  readonly reveal: (instanceId: string, images: readonly HungImage[]) => void;
}

export const windowPresets: readonly {
  readonly name: string;
  readonly keyName: string;
  readonly window: DisplayWindow;
}[] = [
  { name: "Full", keyName: "7", window: { lower: 0, upper: 1 } },
  { name: "Dense", keyName: "8", window: { lower: 0.35, upper: 1 } },
  { name: "Fatty", keyName: "9", window: { lower: 0, upper: 0.65 } },
];

/** What has the keyboard gives it back to the images. */
export function leaveForm(): void {
  if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
}

export function useViewerState(): ViewerState {
  const [settings, change] = useReducer(
    (state: ViewerSettings, next: Partial<ViewerSettings>) => ({ ...state, ...next }),
    initialSettings,
  );
  const [cursor] = useState(createCursor);
  const viewports = useRef(new Map<string, ViewportCommands>());
  const markKeys = useRef(new Map<string, MarkKeyHandler>());
  const tiles = useRef(new Map<string, TileStepper>());
  const isLinked = useRef(false);
  const register = useCallback((viewportId: string, commands: ViewportCommands | null) => {
    if (commands === null) viewports.current.delete(viewportId);
    else viewports.current.set(viewportId, commands);
  }, []);
  const registerMarkKeys = useCallback((viewportId: string, handler: MarkKeyHandler | null) => {
    if (handler === null) markKeys.current.delete(viewportId);
    else markKeys.current.set(viewportId, handler);
  }, []);
  const registerTiles = useCallback((viewportId: string, stepper: TileStepper | null) => {
    if (stepper === null) tiles.current.delete(viewportId);
    else tiles.current.set(viewportId, stepper);
  }, []);
  const onView = useCallback((viewportId: string) => {
    const moved = viewports.current.get(viewportId);
    if (moved === undefined) return;
    for (const [id, other] of viewports.current) {
      // The same image beside itself, with another map or none, is always in step.
      const isFollowing =
        other.instanceId === moved.instanceId || (isLinked.current && other.view === moved.view);
      if (id !== viewportId && isFollowing) other.follow(moved.getView());
    }
  }, []);
  const onEvery = (command: (viewport: ViewportCommands) => void) => {
    for (const viewport of viewports.current.values()) command(viewport);
  };
  const activeId = (): string | undefined =>
    settings.activeId !== null && viewports.current.has(settings.activeId)
      ? settings.activeId
      : viewports.current.keys().next().value;
  const onActive = (command: (viewport: ViewportCommands) => void) => {
    const viewport = viewports.current.get(activeId() ?? "");
    if (viewport !== undefined) command(viewport);
  };
  const changeMap = (next: Partial<MapSettings>) => change({ map: { ...settings.map, ...next } });
  const choose = (dragTool: DragTool) => {
    selectDragTool(dragTool);
    change({ dragTool, markTool: null });
  };
  const draw = (markTool: MarkTool) => {
    leaveForm();
    change({ markTool, activeId: activeId() ?? null });
  };
  const step = (by: number, images: readonly HungImage[]) => {
    if (settings.layout === "cc-pair" || settings.layout === "mlo-pair") {
      return change({ layout: settings.layout === "cc-pair" ? "mlo-pair" : "cc-pair" });
    }
    const count = readingOrder(images).length;
    const isStepping = (settings.layout === "single" || settings.layout === "prior") && count > 0;
    change({
      layout: isStepping ? settings.layout : "single",
      selectedIndex: isStepping ? (settings.selectedIndex + by + count) % count : 0,
    });
  };
  const cycleActive = (by: number) => {
    const ids = [...viewports.current.keys()].toSorted();
    const place = ids.indexOf(activeId() ?? "");
    if (ids.length > 0) change({ activeId: ids[(place + by + ids.length) % ids.length] ?? null });
  };
  const showTile = (by: 1 | -1) => {
    const point = tiles.current.get(activeId() ?? "")?.(by);
    if (point !== undefined) onActive((viewport) => viewport.showPoint(point));
  };
  const toggleLink = () => {
    isLinked.current = !settings.isLinked;
    change({ isLinked: !settings.isLinked });
    const id = activeId();
    if (id !== undefined) onView(id);
  };

  const { map } = settings;
  const keys: Readonly<Record<string, (images: readonly HungImage[]) => void>> = {
    "1": () => change({ layout: "single" }),
    "2": () => change({ layout: settings.layout === "cc-pair" ? "mlo-pair" : "cc-pair" }),
    "3": () => change({ layout: "prior" }),
    "4": () => change({ layout: "four-view" }),
    ArrowRight: (images) => step(1, images),
    ArrowLeft: (images) => step(-1, images),
    ",": () => cycleActive(-1),
    ".": () => cycleActive(1),
    w: () => choose("window"),
    h: () => choose("pan"),
    z: () => choose("zoom"),
    p: () => draw("point"),
    e: () => draw("ellipse"),
    g: () => draw("polygon"),
    s: () => draw("freehand"),
    Escape: () => change({ markTool: null, selectedMarkId: null }),
    f: () => onEvery((viewport) => viewport.fit()),
    o: () => onEvery((viewport) => viewport.showOneToOne()),
    i: () => onEvery((viewport) => viewport.toggleInvert()),
    j: () => onActive((viewport) => viewport.toggleFlip()),
    y: toggleLink,
    x: () => {
      leaveForm();
      change({ isMagnifying: !settings.isMagnifying, activeId: activeId() ?? null });
    },
    t: () => change({ isTileMapShown: !settings.isTileMapShown }),
    " ": () => showTile(1),
    m: () => changeMap({ isShown: !map.isShown }),
    b: () => changeMap({ isBlinking: !map.isBlinking, isShown: true }),
    u: () => changeMap({ style: map.style === "contour" ? "colour" : "contour", isShown: true }),
    v: () => changeMap({ isBeside: !map.isBeside, isShown: true }),
    a: () => changeMap({ isInputShown: !map.isInputShown }),
    "5": () =>
      changeMap({ classLabel: map.classLabel === "malignant" ? "benign" : "malignant", isShown: true }),
    "[": () => changeMap({ opacity: Math.max(0, map.opacity - 0.1) }),
    "]": () => changeMap({ opacity: Math.min(1, map.opacity + 0.1) }),
    "{": () => changeMap({ threshold: Math.max(0, map.threshold - 0.1) }),
    "}": () => changeMap({ threshold: Math.min(1, map.threshold + 0.1) }),
    ...Object.fromEntries(
      windowPresets.map(({ keyName, window }) => [
        keyName,
        () => onEvery((viewport) => viewport.setWindow(window)),
      ]),
    ),
  };
  return {
    settings,
    change,
    changeMap,
    register,
    registerMarkKeys,
    registerTiles,
    onEvery,
    onView,
    cursor,
    handleKey(key, images) {
      const command = keys[key.length === 1 ? key.toLowerCase() : key];
      command?.(images);
      return command !== undefined;
    },
    handleMarkKey(event) {
      if (event.key === " " && event.shiftKey) {
        showTile(-1);
        return true;
      }
      for (const handler of markKeys.current.values()) if (handler(event)) return true;
      return false;
    },
    reveal(instanceId, images) {
      if (settings.layout === "four-view") return;
      const order = readingOrder(images);
      const selectedIndex = order.findIndex((image) => image.instanceId === instanceId);
      const view = order[selectedIndex]?.view;
      if (view === undefined) return;
      if (settings.layout === "cc-pair" || settings.layout === "mlo-pair") {
        return change({ layout: view === "CC" ? "cc-pair" : "mlo-pair" });
      }
      change({ selectedIndex });
    },
  };
}
