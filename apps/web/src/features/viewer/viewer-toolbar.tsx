"use client";

import {
  Circle,
  Columns2,
  Contrast,
  Grid2x2,
  Hand,
  Maximize,
  MousePointer2,
  Pentagon,
  Scan,
  Square,
  SunMedium,
  ZoomIn,
  type LucideIcon,
} from "lucide-react";
import type { ReactNode } from "react";
import { colourMapNames } from "./colour-map.ts";
import type { HungImage } from "./hanging.ts";
import { ColourBar } from "./saliency-layer.tsx";
import { windowPresets, type ViewerState } from "./viewer-state.ts";

interface ToolButton {
  readonly icon: LucideIcon;
  readonly name: string;
  readonly keyName: string;
  readonly isActive: boolean;
}

export function ViewerToolbar(props: { state: ViewerState; images: readonly HungImage[]; canMark: boolean }) {
  const { state, images } = props;
  const { layout, dragTool, markTool } = state.settings;
  const isPair = layout === "cc-pair" || layout === "mlo-pair";
  const press = (key: string) => state.handleKey(key, images);
  const layouts: ToolButton[] = [
    { icon: Grid2x2, name: "Four views", keyName: "4", isActive: layout === "four-view" },
    { icon: Columns2, name: "Pair", keyName: "2", isActive: isPair },
    { icon: Square, name: "Single image", keyName: "1", isActive: layout === "single" },
  ];
  const isFree = markTool === null;
  const drags: ToolButton[] = [
    { icon: SunMedium, name: "Window", keyName: "W", isActive: isFree && dragTool === "window" },
    { icon: Hand, name: "Move", keyName: "H", isActive: isFree && dragTool === "pan" },
    { icon: ZoomIn, name: "Zoom", keyName: "Z", isActive: isFree && dragTool === "zoom" },
  ];
  const marks: ToolButton[] = [
    { icon: Circle, name: "Ellipse", keyName: "E", isActive: markTool === "ellipse" },
    { icon: MousePointer2, name: "Point", keyName: "P", isActive: markTool === "point" },
    { icon: Pentagon, name: "Polygon", keyName: "G", isActive: markTool === "polygon" },
  ];
  const shows: ToolButton[] = [
    { icon: Maximize, name: "Fit", keyName: "F", isActive: false },
    { icon: Scan, name: "One to one", keyName: "O", isActive: false },
    { icon: Contrast, name: "Invert", keyName: "I", isActive: false },
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
            title={`Window preset ${preset.name.toLowerCase()}`}
            className="h-7 rounded-md px-2 text-xs text-zinc-300 hover:bg-zinc-700"
            onClick={() => state.onEvery((viewport) => viewport.setWindow(preset.window))}
          >
            {preset.name}
          </button>
        ))}
      </Group>
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
      <Icon size={16} aria-hidden />
    </button>
  );
}

export function MapControls(props: { state: ViewerState }) {
  const { settings, changeMap } = props.state;
  const { map } = settings;
  return (
    <div className="flex flex-col gap-2 text-xs text-zinc-300">
      <ColourBar settings={map} />
      <Slider label="Opacity" value={map.opacity} onChange={(opacity) => changeMap({ opacity })} />
      <Slider label="Threshold" value={map.threshold} onChange={(threshold) => changeMap({ threshold })} />
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <label className="flex items-center gap-1.5">
          <input
            type="checkbox"
            className="accent-accent-500"
            checked={map.isShown}
            onChange={() => changeMap({ isShown: !map.isShown })}
          />
          Show (M)
        </label>
        <label className="flex items-center gap-1.5">
          <input
            type="checkbox"
            className="accent-accent-500"
            checked={map.isBlinking}
            onChange={() => changeMap({ isBlinking: !map.isBlinking, isShown: true })}
          />
          Blink (B)
        </label>
        <select
          aria-label="Colour map"
          value={map.colours}
          onChange={(event) => {
            const colours = colourMapNames.find((name) => name === event.target.value);
            if (colours !== undefined) changeMap({ colours });
          }}
          className="ml-auto h-7 rounded-md border border-zinc-600 bg-zinc-900 px-1.5"
        >
          {colourMapNames.map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      </div>
    </div>
  );
}

function Slider(props: { label: string; value: number; onChange: (value: number) => void }) {
  return (
    <label className="grid grid-cols-[4.5rem_1fr_2.5rem] items-center gap-2">
      {props.label}
      <input
        type="range"
        min={0}
        max={100}
        step={5}
        value={Math.round(props.value * 100)}
        onChange={(event) => props.onChange(Number(event.target.value) / 100)}
        className="accent-accent-500"
      />
      <output className="text-right text-zinc-400">{Math.round(props.value * 100)} %</output>
    </label>
  );
}
