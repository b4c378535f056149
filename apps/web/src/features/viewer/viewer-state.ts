"use client";

import { useCallback, useReducer, useRef } from "react";
import { selectDragTool, type DragTool } from "./cornerstone.ts";
import { readingOrder, type HangingLayout, type HungImage } from "./hanging.ts";
import type { MarkTool } from "./mark-geometry.ts";
import { defaultMapSettings, type MapSettings } from "./saliency-layer.tsx";
import type { DisplayWindow, ViewportCommands } from "./viewport.tsx";

interface ViewerSettings {
  readonly layout: HangingLayout;
  /** Place in the reading order of the image shown in the single layout. */
  readonly selectedIndex: number;
  readonly dragTool: DragTool;
  /** While set, the primary button draws. */
  readonly markTool: MarkTool | null;
  readonly selectedMarkId: string | null;
  readonly map: MapSettings;
}

const initialSettings: ViewerSettings = {
  layout: "four-view",
  selectedIndex: 0,
  dragTool: "window",
  markTool: null,
  selectedMarkId: null,
  map: defaultMapSettings,
};

export interface ViewerState {
  readonly settings: ViewerSettings;
  readonly change: (change: Partial<ViewerSettings>) => void;
  readonly changeMap: (change: Partial<MapSettings>) => void;
  readonly register: (viewportId: string, commands: ViewportCommands | null) => void;
  readonly onEvery: (command: (viewport: ViewportCommands) => void) => void;
  /** Whether the key was the viewer's. */
  readonly handleKey: (key: string, images: readonly HungImage[]) => boolean;
}

export const windowPresets: readonly { readonly name: string; readonly window: DisplayWindow }[] = [
  { name: "Full", window: { lower: 0, upper: 1 } },
  { name: "Dense", window: { lower: 0.35, upper: 1 } },
  { name: "Fatty", window: { lower: 0, upper: 0.65 } },
];

export function useViewerState(): ViewerState {
  const [settings, change] = useReducer(
    (state: ViewerSettings, next: Partial<ViewerSettings>) => ({ ...state, ...next }),
    initialSettings,
  );
  const viewports = useRef(new Map<string, ViewportCommands>());
  const register = useCallback((viewportId: string, commands: ViewportCommands | null) => {
    if (commands === null) viewports.current.delete(viewportId);
    else viewports.current.set(viewportId, commands);
  }, []);
  const onEvery = (command: (viewport: ViewportCommands) => void) => {
    for (const viewport of viewports.current.values()) command(viewport);
  };
  const changeMap = (next: Partial<MapSettings>) => change({ map: { ...settings.map, ...next } });
  const choose = (dragTool: DragTool) => {
    selectDragTool(dragTool);
    change({ dragTool, markTool: null });
  };
  const step = (by: number, images: readonly HungImage[]) => {
    if (settings.layout === "cc-pair" || settings.layout === "mlo-pair") {
      return change({ layout: settings.layout === "cc-pair" ? "mlo-pair" : "cc-pair" });
    }
    const count = readingOrder(images).length;
    const isStepping = settings.layout === "single" && count > 0;
    change({
      layout: "single",
      selectedIndex: isStepping ? (settings.selectedIndex + by + count) % count : 0,
    });
  };

  const keys: Readonly<Record<string, (images: readonly HungImage[]) => void>> = {
    "1": () => change({ layout: "single" }),
    "2": () => change({ layout: settings.layout === "cc-pair" ? "mlo-pair" : "cc-pair" }),
    "4": () => change({ layout: "four-view" }),
    ArrowRight: (images) => step(1, images),
    ArrowLeft: (images) => step(-1, images),
    w: () => choose("window"),
    h: () => choose("pan"),
    z: () => choose("zoom"),
    p: () => change({ markTool: "point" }),
    e: () => change({ markTool: "ellipse" }),
    g: () => change({ markTool: "polygon" }),
    Escape: () => change({ markTool: null, selectedMarkId: null }),
    f: () => onEvery((viewport) => viewport.fit()),
    o: () => onEvery((viewport) => viewport.showOneToOne()),
    i: () => onEvery((viewport) => viewport.toggleInvert()),
    m: () => changeMap({ isShown: !settings.map.isShown }),
    b: () => changeMap({ isBlinking: !settings.map.isBlinking, isShown: true }),
    "[": () => changeMap({ opacity: Math.max(0, settings.map.opacity - 0.1) }),
    "]": () => changeMap({ opacity: Math.min(1, settings.map.opacity + 0.1) }),
  };
  return {
    settings,
    change,
    changeMap,
    register,
    onEvery,
    handleKey(key, images) {
      const command = keys[key.length === 1 ? key.toLowerCase() : key];
      command?.(images);
      return command !== undefined;
    },
  };
}
