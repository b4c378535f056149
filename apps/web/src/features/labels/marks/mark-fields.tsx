"use client";

import { markKindSchema } from "@crossread/contracts/mark";
import {
  descriptorsOfKind,
  lesionDescriptorsSchema,
  pathologySchema,
  type ReferenceMark,
} from "@crossread/contracts/reference-mark";
import type { ReactNode } from "react";
import { centreOf, handlesOf, moveHandle } from "../../viewer/mark-handles.ts";
import {
  keptInFrame,
  movedInFrame,
  turned,
  withCornerAfter,
  withoutCorner,
  type ImageFrame,
} from "./mark-shapes.ts";
import { withDescriptor, withKind, withPathology } from "./marks-state.ts";
import { descriptorNames, kindNames, pathologyNames, plain } from "./mark-words.ts";

const control =
  "h-7 w-full min-w-0 rounded-sm border border-zinc-600 bg-zinc-950 px-1.5 text-xs text-zinc-100 disabled:text-zinc-500";

/** What is known of the selected mark, and its place in numbers for whoever draws without a pointer. */
export function MarkFields(props: {
  mark: ReferenceMark;
  frame: ImageFrame;
  problems: readonly string[];
  selectedHandle: number | null;
  onSelectHandle: (index: number | null) => void;
  onChange: (mark: ReferenceMark) => void;
}) {
  const { mark, onChange } = props;
  return (
    <section aria-label="Selected mark" className="flex flex-col gap-3 rounded-md border border-zinc-700 p-3">
      <div className="grid grid-cols-2 gap-2">
        <Field label="Finding type">
          <select
            className={control}
            value={mark.kind}
            onChange={(event) => onChange(withKind(mark, markKindSchema.parse(event.target.value)))}
          >
            {markKindSchema.options.map((kind) => (
              <option key={kind} value={kind}>
                {kindNames[kind]}
              </option>
            ))}
          </select>
        </Field>
        {descriptorsOfKind[mark.kind].map((name) => (
          <Field key={name} label={descriptorNames[name]}>
            <select
              className={control}
              value={mark.descriptors[name] ?? ""}
              onChange={(event) => onChange(withDescriptor(mark, name, event.target.value))}
            >
              <option value="">not said</option>
              {lesionDescriptorsSchema.shape[name].unwrap().options.map((value) => (
                <option key={value} value={value}>
                  {plain(value)}
                </option>
              ))}
            </select>
          </Field>
        ))}
        <Field label="Pathology">
          <select
            className={control}
            value={mark.pathology ?? ""}
            onChange={(event) =>
              onChange(withPathology(mark, pathologySchema.safeParse(event.target.value).data ?? null))
            }
          >
            <option value="">none known</option>
            {pathologySchema.options.map((pathology) => (
              <option key={pathology} value={pathology}>
                {pathologyNames[pathology]}
              </option>
            ))}
          </select>
        </Field>
        <Field label="Finding">
          <select
            className={control}
            value={mark.finding ?? ""}
            onChange={({ target: { value } }) =>
              onChange({ ...mark, finding: value === "benign" || value === "malignant" ? value : null })
            }
          >
            <option value="">unknown</option>
            <option value="benign">benign</option>
            <option value="malignant">malignant</option>
          </select>
        </Field>
      </div>
      <PlaceFields {...props} />
      {props.problems.map((problem) => (
        <p key={problem} role="alert" className="text-xs text-orange-300">
          {problem}
        </p>
      ))}
    </section>
  );
}

function PlaceFields(props: {
  mark: ReferenceMark;
  frame: ImageFrame;
  selectedHandle: number | null;
  onSelectHandle: (index: number | null) => void;
  onChange: (mark: ReferenceMark) => void;
}) {
  const { mark, frame, selectedHandle } = props;
  const { geometry } = mark;
  const change = (next: ReferenceMark["geometry"]) => props.onChange({ ...mark, geometry: next });
  const centre = centreOf(geometry);
  const corner = selectedHandle === null ? undefined : handlesOf(geometry)[selectedHandle];
  const moveTo = (axis: "xPx" | "yPx") => (to: number) =>
    change(movedInFrame(geometry, { xPx: 0, yPx: 0, [axis]: to - centre[axis] }, frame));
  const degrees = geometry.shape === "ellipse" ? (geometry.rotationRad * 180) / Math.PI : 0;
  return (
    <fieldset className="min-w-0">
      <legend className="mb-1 text-[11px] text-zinc-400">
        In pixels of the image ({frame.widthPx} × {frame.heightPx})
      </legend>
      <div className="grid grid-cols-2 gap-2">
        <NumberField label="Centre x" value={centre.xPx} onChange={moveTo("xPx")} />
        <NumberField label="Centre y" value={centre.yPx} onChange={moveTo("yPx")} />
        {geometry.shape === "circle" ? (
          <NumberField
            label="Radius"
            min={2}
            value={geometry.radiusPx}
            onChange={(radiusPx) => change({ ...geometry, radiusPx })}
          />
        ) : null}
        {geometry.shape === "ellipse" ? (
          <>
            <NumberField
              label="Radius along"
              min={2}
              value={geometry.radiusXPx}
              onChange={(radiusXPx) => change({ ...geometry, radiusXPx })}
            />
            <NumberField
              label="Radius across"
              min={2}
              value={geometry.radiusYPx}
              onChange={(radiusYPx) => change({ ...geometry, radiusYPx })}
            />
            <NumberField
              label="Turned, degrees"
              min={-360}
              value={degrees}
              onChange={(to) => change(turned(geometry, ((to - degrees) * Math.PI) / 180))}
            />
          </>
        ) : null}
        {geometry.shape === "polygon" ? (
          <>
            <Field label="Corner">
              <select
                className={control}
                value={selectedHandle ?? ""}
                onChange={({ target: { value } }) =>
                  props.onSelectHandle(value === "" ? null : Number(value))
                }
              >
                <option value="">none chosen</option>
                {geometry.points.map((_, index) => (
                  // Corners have no identity but their place.
                  <option key={index} value={index}>
                    {index + 1} of {geometry.points.length}
                  </option>
                ))}
              </select>
            </Field>
            {corner === undefined || selectedHandle === null ? null : (
              <>
                <span className="flex items-end gap-1">
                  <SmallButton onClick={() => change(withCornerAfter(geometry, selectedHandle))}>
                    Add after
                  </SmallButton>
                  <SmallButton
                    isDisabled={geometry.points.length <= 3}
                    onClick={() => {
                      props.onSelectHandle(null);
                      change(withoutCorner(geometry, selectedHandle));
                    }}
                  >
                    Remove
                  </SmallButton>
                </span>
                <NumberField
                  label="Corner x"
                  value={corner.xPx}
                  onChange={(xPx) =>
                    change(keptInFrame(moveHandle(geometry, selectedHandle, { ...corner, xPx }), frame))
                  }
                />
                <NumberField
                  label="Corner y"
                  value={corner.yPx}
                  onChange={(yPx) =>
                    change(keptInFrame(moveHandle(geometry, selectedHandle, { ...corner, yPx }), frame))
                  }
                />
              </>
            )}
          </>
        ) : null}
      </div>
    </fieldset>
  );
}

const Field = (props: { label: string; children: ReactNode }) => (
  <label className="flex min-w-0 flex-col gap-0.5 text-[11px] text-zinc-400">
    {props.label}
    {props.children}
  </label>
);

function NumberField(props: {
  label: string;
  value: number;
  min?: number;
  onChange: (value: number) => void;
}) {
  const { label, value, min = 0, onChange } = props;
  return (
    <Field label={label}>
      <input
        type="number"
        className={control}
        min={min}
        step={1}
        value={Math.round(value * 10) / 10}
        onChange={(event) => {
          const next = event.target.valueAsNumber;
          if (Number.isFinite(next) && next >= min) onChange(next);
        }}
      />
    </Field>
  );
}

export function SmallButton(props: { isDisabled?: boolean; onClick: () => void; children: ReactNode }) {
  return (
    <button
      type="button"
      disabled={props.isDisabled ?? false}
      onClick={props.onClick}
      className="h-7 rounded-sm border border-zinc-600 px-2 text-xs text-zinc-200 hover:bg-zinc-800 disabled:text-zinc-600"
    >
      {props.children}
    </button>
  );
}
