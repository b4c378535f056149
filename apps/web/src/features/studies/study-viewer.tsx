"use client";

import { X } from "lucide-react";
import { useState } from "react";
import type { Outputs } from "../../trpc/client.ts";
import { MapControls } from "../viewer/map-controls.tsx";
import type { ShownMark } from "../viewer/mark-layer.tsx";
import { isPressing, isTyping, listeningForKeys } from "../viewer/viewer-keys.ts";
import { useViewerState } from "../viewer/viewer-state.ts";
import { ViewerToolbar } from "../viewer/viewer-toolbar.tsx";
import Viewer, { type ViewerImageAid } from "../viewer/viewer.tsx";

type Study = Outputs["studies"]["load"];

/** The study in full screen with its reference marks and one checkpoint's maps; nothing is drawn or stored here. */
export default function StudyViewer(props: {
  study: Study;
  predictions: Study["predictions"][number] | undefined;
  onClose: () => void;
}) {
  const { study, predictions, onClose } = props;
  const state = useViewerState();
  const marksOn = (instanceId: string): ShownMark[] =>
    (study.images.find((image) => image.instanceId === instanceId)?.referenceMarks ?? []).map((mark) => ({
      markId: mark.markId,
      geometry: mark.geometry,
      label: mark.finding ?? mark.kind,
      isReference: true,
    }));
  const [comparedId, setComparedId] = useState<string | null>(null);
  const compared = study.predictions.find(({ checkpointId }) => checkpointId === comparedId);
  const shown = [predictions, compared].flatMap((each) => (each === undefined ? [] : [each]));
  const { classLabel } = state.settings.map;
  const aidOf = (instanceId: string): ViewerImageAid | undefined => {
    const images = shown.map(({ checkpointName, images: scored }) => ({
      checkpointName,
      image: scored.find((each) => each.instanceId === instanceId),
    }));
    const [first] = images;
    if (first?.image === undefined) return undefined;
    const { score, chain, maps } = first.image;
    if (shown.length === 1) {
      return { score, chain, maps: maps.filter((map) => map.classLabel === classLabel) };
    }
    return {
      score: null,
      chain,
      maps: images.map(({ checkpointName, image }) => ({
        mapId: image?.maps.find((map) => map.classLabel === classLabel)?.mapId ?? null,
        name: `${checkpointName} · ${image === undefined ? "no score" : `score ${image.score.toFixed(2)}`}`,
      })),
    };
  };
  const classes = new Set(
    shown.flatMap(({ images }) => images.flatMap(({ maps }) => maps.map((map) => map.classLabel))),
  );
  const drawingKeys = new Set(["p", "e", "g", "s"]);
  return (
    <div
      role="dialog"
      aria-modal
      aria-label={`Images of ${study.caseLabel}`}
      className="fixed inset-0 z-40 grid grid-rows-[auto_minmax(0,1fr)] bg-zinc-950 text-zinc-200 scheme-dark"
      ref={(element) =>
        listeningForKeys((event) => {
          if (event.key === "Escape") return onClose();
          if (isTyping(event.target) || event.ctrlKey || event.metaKey || event.altKey) return;
          if (drawingKeys.has(event.key.toLowerCase()) || isPressing(event)) return;
          if (state.handleMarkKey(event)) return event.preventDefault();
          if (state.handleKey(event.key, study.images)) event.preventDefault();
        })(element)
      }
    >
      <header className="flex items-center gap-4 border-b border-zinc-800 bg-zinc-900 px-3">
        <code className="font-mono text-sm text-zinc-100">{study.caseLabel}</code>
        <ViewerToolbar state={state} images={study.images} canMark={false} />
        <span className="ml-auto text-xs whitespace-nowrap text-orange-200">Research use only</span>
        <button
          type="button"
          aria-label="Close the viewer"
          onClick={onClose}
          className="rounded-md p-1.5 text-zinc-300 hover:bg-zinc-800"
        >
          <X size={18} aria-hidden />
        </button>
      </header>
      <div className={`grid min-h-0 ${predictions === undefined ? "" : "grid-cols-[minmax(0,1fr)_18rem]"}`}>
        <Viewer
          images={study.images}
          state={state}
          marksOn={marksOn}
          editingOn={null}
          aidOf={predictions === undefined ? null : aidOf}
        />
        {predictions === undefined ? null : (
          <aside aria-label="Saliency map" className="border-l border-zinc-800 bg-zinc-900 px-4 py-3">
            <h2 className="mb-1 text-xs font-semibold text-zinc-100">Saliency map (Grad-CAM)</h2>
            <p className="mb-3 text-xs text-zinc-400">{predictions.checkpointName}</p>
            <MapControls state={state} classes={[...classes]} canShowInput />
            <label className="mt-3 block text-xs text-zinc-300">
              Compare with
              <select
                value={comparedId ?? ""}
                onChange={(event) => setComparedId(event.target.value === "" ? null : event.target.value)}
                className="mt-1 h-7 w-full rounded-md border border-zinc-600 bg-zinc-900 px-1.5"
              >
                <option value="">no other checkpoint</option>
                {study.predictions
                  .filter(({ checkpointId }) => checkpointId !== predictions.checkpointId)
                  .map(({ checkpointId, checkpointName }) => (
                    <option key={checkpointId} value={checkpointId}>
                      {checkpointName}
                    </option>
                  ))}
              </select>
            </label>
            <p className="mt-4 text-xs text-zinc-400">
              Dashed: lesion marks of the reference standard. The map shows where the score is sensitive, not
              what a lesion is.
            </p>
          </aside>
        )}
      </div>
    </div>
  );
}
