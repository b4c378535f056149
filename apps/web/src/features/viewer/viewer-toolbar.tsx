"use client";

import {
  Circle,
  Columns2,
  Contrast,
  Crosshair,
  FlipHorizontal,
  Grid2x2,
  Hand,
  History,
  LayoutGrid,
  Link2,
  Maximize,
  Pencil,
  Pentagon,
  Search,
  Square,
  SunMedium,
  ZoomIn,
  type LucideIcon,
} from "lucide-react";
import type { ReactNode } from "react";
import { GraphicsPath } from "./graphics-notice.tsx";
import type { HungImage } from "./hanging.ts";
import { windowPresets, type ViewerState } from "./viewer-state.ts";

interface ToolButton {
  /** Or the text in its place. */
  readonly icon: LucideIcon | string;
  readonly name: string;
  readonly keyName: string;
  readonly isActive: boolean;
}

export function ViewerToolbar(props: {
  state: ViewerState;
  images: readonly HungImage[];
  canMark: boolean;
  /** Undefined where priors are not shown at all. */
  priorCount?: number;
}) {
  const { state, images, priorCount } = props;
  const { layout, dragTool, markTool, isLinked, isMagnifying, isTileMapShown } = state.settings;
  const isPair = layout === "cc-pair" || layout === "mlo-pair";
  const press = (key: string) => state.handleKey(key, images);
  const layouts: ToolButton[] = [
    { icon: Grid2x2, name: "Four views", keyName: "4", isActive: layout === "four-view" },
    { icon: Columns2, name: "Pair", keyName: "2", isActive: isPair },
    { icon: Square, name: "Single image", keyName: "1", isActive: layout === "single" },
    ...(priorCount === undefined
      ? []
      : [
          {
            icon: History,
            name: priorCount === 0 ? "Prior beside current: no earlier study" : "Prior beside current",
            keyName: "3",
            isActive: layout === "prior",
          },
        ]),
  ];
  const isFree = markTool === null;
  const drags: ToolButton[] = [
    { icon: SunMedium, name: "Window", keyName: "W", isActive: isFree && dragTool === "window" },
    { icon: Hand, name: "Move", keyName: "H", isActive: isFree && dragTool === "pan" },
    { icon: ZoomIn, name: "Zoom", keyName: "Z", isActive: isFree && dragTool === "zoom" },
  ];
  const marks: ToolButton[] = [
    { icon: Circle, name: "Ellipse", keyName: "E", isActive: markTool === "ellipse" },
    { icon: Crosshair, name: "Point", keyName: "P", isActive: markTool === "point" },
    { icon: Pentagon, name: "Polygon", keyName: "G", isActive: markTool === "polygon" },
    { icon: Pencil, name: "Freehand", keyName: "S", isActive: markTool === "freehand" },
  ];
  const shows: ToolButton[] = [
    { icon: Maximize, name: "Fit", keyName: "F", isActive: false },
    { icon: "1:1", name: "One to one", keyName: "O", isActive: false },
    { icon: Contrast, name: "Invert", keyName: "I", isActive: false },
    { icon: FlipHorizontal, name: "Flip", keyName: "J", isActive: false },
    { icon: Link2, name: "Move and zoom together", keyName: "Y", isActive: isLinked },
    { icon: Search, name: "Magnifier", keyName: "X", isActive: isMagnifying },
    { icon: LayoutGrid, name: "Tile map", keyName: "T", isActive: isTileMapShown },
  ];
  return (
    <div role="toolbar" aria-label="Viewer" className="flex h-10 items-center gap-3 overflow-x-auto px-2">
      {[layouts, drags, shows, ...(props.canMark ? [marks] : [])].map((group) => (
        <Group key={group[0]?.name}>
          {group.map((tool) => (
            <ToolIcon key={tool.name} tool={tool} onPress={() => press(tool.keyName.toLowerCase())} />
          ))}
        </Group>
      ))}
      <Group>
        {windowPresets.map((preset) => (
          <button
            key={preset.name}
            type="button"
            title={`Window preset ${preset.name.toLowerCase()} (${preset.keyName})`}
            aria-keyshortcuts={preset.keyName}
            className="h-7 rounded-md px-2 text-xs text-zinc-300 hover:bg-zinc-700"
            onClick={() => state.onEvery((viewport) => viewport.setWindow(preset.window))}
          >
            {preset.name}
          </button>
        ))}
      </Group>
      <GraphicsPath />
    </div>
  );
}

const Group = (props: { children: ReactNode }) => (
  <div className="flex shrink-0 items-center gap-0.5 border-r border-zinc-700 pr-3 last:border-r-0">
    {props.children}
  </div>
);

function ToolIcon(props: { tool: ToolButton; onPress: () => void }) {
  const { icon: Icon, name, keyName, isActive } = props.tool;
  return (
    <button
      type="button"
      aria-label={name}
      aria-pressed={isActive}
      aria-keyshortcuts={keyName}
      title={`${name} (${keyName})`}
      onClick={props.onPress}
      className={`grid size-7 place-items-center rounded-md ${isActive ? "bg-accent-500 text-black" : "text-zinc-300 hover:bg-zinc-700"}`}
    >
      {typeof Icon === "string" ? (
        <span className="text-[11px] font-semibold">{Icon}</span>
      ) : (
        <Icon size={16} aria-hidden />
      )}
    </button>
  );
}
