"use client";

import { X } from "lucide-react";
import type { Outputs } from "../../trpc/client.ts";
import type { ShownMark } from "../viewer/mark-layer.tsx";
import { isTyping, listeningForKeys } from "../viewer/viewer-keys.ts";
import { useViewerState } from "../viewer/viewer-state.ts";
import { MapControls, ViewerToolbar } from "../viewer/viewer-toolbar.tsx";
import Viewer from "../viewer/viewer.tsx";

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
  const aidOf = (instanceId: string) => predictions?.images.find((image) => image.instanceId === instanceId);
  const drawingKeys = new Set(["p", "e", "g"]);
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
          if (drawingKeys.has(event.key.toLowerCase())) return;
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
            <MapControls state={state} />
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
