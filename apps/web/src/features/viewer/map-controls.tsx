"use client";

import { colourMapNames } from "./colour-map.ts";
import { ColourBar } from "./saliency-layer.tsx";
import type { ViewerState } from "./viewer-state.ts";

const classNames = { malignant: "Malignant", benign: "Benign" } as const;
type ClassName = keyof typeof classNames;

/** Everything that changes how a saliency map is shown; each also has a key. */
export function MapControls(props: {
  state: ViewerState;
  classes: readonly ClassName[];
  canShowInput: boolean;
}) {
  const { settings, changeMap } = props.state;
  const { map } = settings;
  return (
    <div className="flex flex-col gap-2 text-xs text-zinc-300">
      <ColourBar settings={map} />
      <div className="grid grid-cols-2 gap-2">
        <label className="flex items-center gap-1.5">
          Class
          <select
            aria-label="Class of the map"
            aria-keyshortcuts="5"
            title="Class whose score the map belongs to (5)"
            value={map.classLabel}
            onChange={(event) =>
              changeMap({ classLabel: event.target.value === "benign" ? "benign" : "malignant" })
            }
            className="h-7 min-w-0 flex-1 rounded-md border border-zinc-600 bg-zinc-900 px-1.5"
          >
            {(["malignant", "benign"] as const).map((name) => (
              <option key={name} value={name}>
                {classNames[name]}
                {props.classes.includes(name) ? "" : " (no map)"}
              </option>
            ))}
          </select>
        </label>
        <label className="flex items-center gap-1.5">
          Colours
          <select
            aria-label="Colour map"
            value={map.colours}
            onChange={(event) => {
              const colours = colourMapNames.find((name) => name === event.target.value);
              if (colours !== undefined) changeMap({ colours });
            }}
            className="h-7 min-w-0 flex-1 rounded-md border border-zinc-600 bg-zinc-900 px-1.5"
          >
            {colourMapNames.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
      </div>
      <Slider label="Opacity" keys="[ ]" value={map.opacity} onChange={(opacity) => changeMap({ opacity })} />
      <Slider
        label="Threshold"
        keys="{ }"
        value={map.threshold}
        onChange={(threshold) => changeMap({ threshold })}
      />
      <div className="grid grid-cols-2 gap-x-3 gap-y-1">
        <Switch label="Show (M)" isOn={map.isShown} onChange={(isShown) => changeMap({ isShown })} />
        <Switch
          label="Blink (B)"
          isOn={map.isBlinking}
          onChange={(isBlinking) => changeMap({ isBlinking, isShown: true })}
        />
        <Switch
          label="Contour (U)"
          isOn={map.style === "contour"}
          onChange={(isOn) => changeMap({ style: isOn ? "contour" : "colour", isShown: true })}
        />
        <Switch
          label="Side by side (V)"
          isOn={map.isBeside}
          onChange={(isBeside) => changeMap({ isBeside, isShown: true })}
        />
        {props.canShowInput ? (
          <Switch
            isWide
            label="What the model saw (A)"
            isOn={map.isInputShown}
            onChange={(isInputShown) => changeMap({ isInputShown })}
          />
        ) : null}
      </div>
    </div>
  );
}

function Switch(props: {
  label: string;
  isOn: boolean;
  onChange: (isOn: boolean) => void;
  isWide?: boolean;
}) {
  return (
    <label className={`flex min-h-6 items-center gap-1.5 ${props.isWide === true ? "col-span-2" : ""}`}>
      <input
        type="checkbox"
        className="size-4 shrink-0 accent-accent-500"
        checked={props.isOn}
        onChange={(event) => props.onChange(event.target.checked)}
      />
      {props.label}
    </label>
  );
}

function Slider(props: { label: string; keys: string; value: number; onChange: (value: number) => void }) {
  const percent = Math.round(props.value * 100);
  return (
    <label className="grid grid-cols-[4.5rem_1fr_2.5rem] items-center gap-2" title={`Keys ${props.keys}`}>
      {props.label}
      <input
        type="range"
        min={0}
        max={100}
        step={5}
        value={percent}
        onChange={(event) => props.onChange(Number(event.target.value) / 100)}
        className="min-w-0 accent-accent-500"
      />
      <output className="text-right text-zinc-400 tabular-nums">{percent}%</output>
    </label>
  );
}
