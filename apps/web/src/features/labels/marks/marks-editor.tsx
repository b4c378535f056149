"use client";

import type { MarkGeometry } from "@crossread/contracts/mark";
import type { ReferenceMark } from "@crossread/contracts/reference-mark";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { X } from "lucide-react";
import { useState } from "react";
import { useTRPC, type Outputs } from "../../../trpc/client.ts";
import { recordMarks, redo, startHistory, undo, type MarkHistory } from "../../viewer/mark-history.ts";
import { isTyping, listeningForKeys } from "../../viewer/viewer-keys.ts";
import { MarkCanvas, type CanvasImage } from "./mark-canvas.tsx";
import { MarkFields, SmallButton } from "./mark-fields.tsx";
import { shapedByKey } from "./mark-keys.ts";
import { handlesOf } from "../../viewer/mark-handles.ts";
import { keptInFrame, placedShape, type DrawTool } from "./mark-shapes.ts";
import { describeMark } from "./mark-words.ts";
import { marksProblems, newMark, sameMarks } from "./marks-state.ts";
import { SaveMarks } from "./save-marks.tsx";

type Study = Outputs["studies"]["load"];

const toolNames = { ellipse: "Ellipse (E)", polygon: "Polygon (G)", point: "Point (P)" } as const;
const tools = ["ellipse", "polygon", "point"] as const satisfies readonly DrawTool[];
const toolKeys: Readonly<Record<string, DrawTool>> = { e: "ellipse", g: "polygon", p: "point" };
const zooms = [1, 1.5, 2, 3, 4, 6, 8];

export const marksOf = (study: Study): ReferenceMark[] =>
  study.images.flatMap(({ referenceMarks }) => referenceMarks);

/** All lesion marks of a study in full screen: drawn by hand or entered by numbers, stored as one version of its labels. */
export function MarksEditor(props: { study: Study; initialInstanceId: string; onClose: () => void }) {
  const { study, onClose } = props;
  const trpc = useTRPC();
  const queries = useQueryClient();
  const stored = marksOf(study);
  const [base, setBase] = useState({ version: study.labelVersion, marks: stored });
  const [history, setHistory] = useState<MarkHistory<ReferenceMark>>(() => startHistory(stored));
  const [instanceId, setInstanceId] = useState(props.initialInstanceId);
  const [selectedId, setSelectedId] = useState<string | null>(null);
  const [handle, setHandle] = useState<number | null>(null);
  const [tool, setTool] = useState<DrawTool | null>(null);
  const [zoom, setZoom] = useState(1);
  const [look, setLook] = useState({ brightness: 1, contrast: 1 });
  const [isLeaving, setLeaving] = useState(false);
  const marks = history.present;
  const images = study.images.map((each): CanvasImage => ({
    instanceId: each.instanceId,
    name: `${each.laterality} ${each.view}`,
    widthPx: each.widthPx,
    heightPx: each.heightPx,
    address: `/api/dicomweb/studies/${study.studyInstanceUid}/series/${each.seriesInstanceUid}/instances/${each.sopInstanceUid}/rendered`,
  }));
  const image = images.find((each) => each.instanceId === instanceId) ?? images[0];
  const selected = marks.find(({ markId }) => markId === selectedId);
  const isSame = sameMarks(base.marks, marks);
  // The version also moves with labels that this editor does not touch.
  const isUnmoved = sameMarks(stored, base.marks);
  const problems = marksProblems(stored, marks, (id) => images.find((each) => each.instanceId === id));

  const reload = () =>
    queries.invalidateQueries({ queryKey: trpc.studies.load.queryKey({ studyId: study.studyId }) });
  const save = useMutation(
    trpc.labels.changeMarks.mutationOptions({
      async onSuccess() {
        await reload();
        onClose();
      },
      onError: (error) => (error.data?.code === "CONFLICT" ? reload() : undefined),
    }),
  );

  const put = (next: readonly ReferenceMark[]) => setHistory(recordMarks(history, next));
  const change = (mark: ReferenceMark) =>
    put(marks.map((each) => (each.markId === mark.markId ? mark : each)));
  function select(markId: string | null) {
    setSelectedId(markId);
    setHandle(null);
    const mark = marks.find((each) => each.markId === markId);
    if (mark !== undefined) setInstanceId(mark.instanceId);
  }
  function add(geometry: MarkGeometry) {
    if (image === undefined) return;
    const mark = newMark(crypto.randomUUID(), image.instanceId, geometry);
    put([...marks, mark]);
    setSelectedId(mark.markId);
    setHandle(null);
    setTool(null);
  }
  function remove(markId: string) {
    put(marks.filter((each) => each.markId !== markId));
    select(null);
  }
  function close() {
    if (isSame) onClose();
    else setLeaving(true);
  }

  function handleKey(event: KeyboardEvent) {
    if (event.key === "Escape") {
      if (tool !== null) return setTool(null);
      if (selectedId !== null) return select(null);
      return close();
    }
    if (isTyping(event.target)) return;
    if (event.key.toLowerCase() === "z" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      return setHistory(event.shiftKey ? redo(history) : undo(history));
    }
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const chosenTool = toolKeys[event.key.toLowerCase()];
    if (chosenTool !== undefined) return setTool(chosenTool);
    if (selected === undefined || image === undefined) return;
    if (event.key === "Delete" || event.key === "Backspace") return remove(selected.markId);
    if (event.key.toLowerCase() === "n") {
      const count = handlesOf(selected.geometry).length;
      return setHandle(count === 0 || handle === count - 1 ? null : (handle ?? -1) + 1);
    }
    const geometry = shapedByKey(selected.geometry, event, handle, image);
    if (geometry === undefined) return;
    event.preventDefault();
    change({ ...selected, geometry });
  }

  return (
    <div
      role="dialog"
      aria-modal
      aria-label={`Lesion marks of ${study.caseLabel}`}
      className="fixed inset-0 z-40 grid grid-cols-[minmax(0,1fr)_22rem] grid-rows-[auto_minmax(0,1fr)] bg-zinc-950 text-zinc-200 scheme-dark"
      ref={(element) => {
        // The focus comes in with the editor, and back when what had it was deleted.
        if (element !== null && !element.contains(document.activeElement)) {
          element.querySelector("button")?.focus();
        }
        return listeningForKeys(handleKey)(element);
      }}
    >
      <header className="col-span-2 flex flex-wrap items-center gap-3 border-b border-zinc-800 bg-zinc-900 px-3 py-1.5">
        <code className="font-mono text-sm text-zinc-100">{study.caseLabel}</code>
        <div role="group" aria-label="Image" className="flex gap-1">
          {images.map((each) => (
            <Toggle
              key={each.instanceId}
              isOn={each.instanceId === image?.instanceId}
              onClick={() => {
                select(null);
                setInstanceId(each.instanceId);
              }}
            >
              {each.name}
            </Toggle>
          ))}
        </div>
        <div role="group" aria-label="Draw" className="flex gap-1">
          {tools.map((each) => (
            <Toggle key={each} isOn={tool === each} onClick={() => setTool(tool === each ? null : each)}>
              {toolNames[each]}
            </Toggle>
          ))}
        </div>
        <label className="flex items-center gap-1.5 text-xs">
          Zoom
          <select
            value={zoom}
            onChange={(event) => setZoom(Number(event.target.value))}
            className="h-7 rounded-sm border border-zinc-600 bg-zinc-950 px-1"
          >
            {zooms.map((each) => (
              <option key={each} value={each}>
                {each === 1 ? "fit" : `${each} ×`}
              </option>
            ))}
          </select>
        </label>
        {(["brightness", "contrast"] as const).map((name) => (
          <label key={name} className="flex items-center gap-1.5 text-xs">
            {name}
            <input
              type="range"
              min={0.3}
              max={3}
              step={0.1}
              value={look[name]}
              onChange={(event) => setLook({ ...look, [name]: Number(event.target.value) })}
              className="w-20 accent-accent-500"
            />
          </label>
        ))}
        <span className="ml-auto flex items-center gap-1">
          <SmallButton isDisabled={history.past.length === 0} onClick={() => setHistory(undo(history))}>
            Undo
          </SmallButton>
          <SmallButton isDisabled={history.future.length === 0} onClick={() => setHistory(redo(history))}>
            Redo
          </SmallButton>
          <button
            type="button"
            aria-label="Close the editor"
            onClick={close}
            className="rounded-md p-1.5 text-zinc-300 hover:bg-zinc-800"
          >
            <X size={18} aria-hidden />
          </button>
        </span>
      </header>
      <main className="min-h-0" aria-label="Image">
        {image === undefined ? null : (
          <MarkCanvas
            key={image.instanceId}
            image={image}
            zoom={zoom}
            {...look}
            marks={marks.filter((mark) => mark.instanceId === image.instanceId)}
            selectedId={selectedId}
            selectedHandle={handle}
            tool={tool}
            onAdd={add}
            onShape={(markId, geometry) => {
              const mark = marks.find((each) => each.markId === markId);
              if (mark !== undefined) change({ ...mark, geometry });
            }}
            onSelect={select}
            onSelectHandle={setHandle}
          />
        )}
      </main>
      <aside
        aria-label="Lesion marks"
        className="flex min-h-0 flex-col gap-4 overflow-y-auto border-l border-zinc-800 bg-zinc-900 px-4 py-3"
      >
        {image === undefined ? null : (
          <div role="group" aria-label="Put into the middle of the image" className="flex items-center gap-1">
            <span className="mr-1 text-[11px] text-zinc-400">Put on {image.name}</span>
            {tools.map((each) => (
              <SmallButton key={each} onClick={() => add(keptInFrame(placedShape(each, image), image))}>
                {each}
              </SmallButton>
            ))}
          </div>
        )}
        {marks.length === 0 ? (
          <p className="text-xs text-zinc-400">No lesion is marked in this study.</p>
        ) : (
          <ul className="flex flex-col gap-1">
            {marks.map((mark) => (
              <li key={mark.markId} className="flex gap-1">
                <button
                  type="button"
                  aria-pressed={mark.markId === selectedId}
                  onClick={() => select(mark.markId)}
                  className={`min-w-0 flex-1 rounded-md border px-2 py-1 text-left text-xs ${mark.markId === selectedId ? "border-yellow-200/70" : "border-zinc-700"}`}
                >
                  <span className="font-medium text-zinc-100">
                    {images.find((each) => each.instanceId === mark.instanceId)?.name}
                  </span>{" "}
                  {describeMark(mark)}
                  {problems.has(mark.markId) ? (
                    <span className="text-orange-300"> – not right yet</span>
                  ) : null}
                </button>
                <SmallButton onClick={() => remove(mark.markId)}>Delete</SmallButton>
              </li>
            ))}
          </ul>
        )}
        {selected === undefined || image === undefined ? null : (
          <MarkFields
            key={selected.markId}
            mark={selected}
            frame={image}
            problems={problems.get(selected.markId) ?? []}
            selectedHandle={handle}
            onSelectHandle={setHandle}
            onChange={change}
          />
        )}
        <SaveMarks
          study={study}
          marks={marks}
          isSame={isSame}
          isOutdated={!isUnmoved && study.labelVersion > base.version && !save.isPending && !save.isSuccess}
          hasProblems={problems.size > 0}
          isLeaving={isLeaving}
          save={{ isPending: save.isPending, message: save.error?.message ?? null }}
          onSave={(reason, acknowledgesFrozen) =>
            save.mutate({
              caseId: study.caseId,
              version: isUnmoved ? study.labelVersion : base.version,
              marks: [...marks],
              reason,
              acknowledgesFrozen,
            })
          }
          onKeepMine={() => {
            save.reset();
            setBase({ version: study.labelVersion, marks: stored });
          }}
          onShow={(shown) => {
            select(null);
            put(shown);
          }}
          onTakeStored={() => {
            save.reset();
            select(null);
            setBase({ version: study.labelVersion, marks: stored });
            setHistory(startHistory(stored));
          }}
          onLeave={onClose}
          onStay={() => setLeaving(false)}
        />
        <p className="text-[11px] text-zinc-400">
          Arrows move the selected mark (Shift: one pixel), + and − grow and shrink it, comma and full stop
          turn it, N goes to its next corner. Delete deletes, Ctrl Z undoes, a double click ends a polygon.
        </p>
      </aside>
    </div>
  );
}

function Toggle(props: { isOn: boolean; onClick: () => void; children: string }) {
  return (
    <button
      type="button"
      aria-pressed={props.isOn}
      onClick={props.onClick}
      className={`h-7 rounded-md px-2 text-xs ${props.isOn ? "bg-accent-500 font-medium text-black" : "text-zinc-300 hover:bg-zinc-700"}`}
    >
      {props.children}
    </button>
  );
}
