"use client";

import {
  useCallback,
  useLayoutEffect,
  useRef,
  useState,
  useSyncExternalStore,
  type PointerEvent,
  type ReactNode,
} from "react";
import { applyAffine, invertAffine } from "./affine.ts";
import type { Cursor } from "./cursor.ts";
import { getGraphics, subscribeToGraphics } from "./graphics.ts";
import type { HungImage } from "./hanging.ts";
import type { ViewMemory, ViewportCommands, ViewportFrame } from "./image-pane.ts";
import { Session, showImage } from "./open-image.ts";

interface ViewportProps {
  readonly viewportId: string;
  readonly image: HungImage;
  /** Extent that all viewports of the layout share; null lets the image stand alone and centred. */
  readonly sharedExtent: { readonly width: number; readonly height: number } | null;
  readonly register: (viewportId: string, commands: ViewportCommands | null) => void;
  readonly onView: (viewportId: string) => void;
  readonly cursor: Cursor;
  /** Drawn with a border where several viewports stand side by side: keys work on this one. */
  readonly isActive: boolean;
  readonly onActivate: (viewportId: string) => void;
  readonly overlay: (frame: ViewportFrame) => ReactNode;
}

type LoadState = { readonly kind: "loading" | "shown" } | { readonly kind: "failed"; message: string };

interface Remembered {
  readonly instanceId: string;
  readonly generation: number;
  readonly memory: ViewMemory;
}

/** One image in Cornerstone, and whatever the caller lays over it in the image's own frame. */
export function Viewport(props: ViewportProps) {
  const { viewportId, image, sharedExtent, register, onView, cursor } = props;
  const element = useRef<HTMLDivElement>(null);
  const remembered = useRef<Remembered>(undefined);
  const { generation } = useSyncExternalStore(subscribeToGraphics, getGraphics, getGraphics);
  const [frame, setFrame] = useState<ViewportFrame>();
  const [state, setState] = useState<LoadState>({ kind: "loading" });
  const [attempt, setAttempt] = useState(1);
  const extentWidth = sharedExtent?.width;
  const extentHeight = sharedExtent?.height;

  // Before the page is painted: an image that was drawn ahead stands in the first frame.
  useLayoutEffect(() => {
    const target = element.current;
    if (target === null) return;
    const session = new Session();
    setState({ kind: "loading" });
    setFrame(undefined);
    const extent =
      extentWidth === undefined || extentHeight === undefined
        ? null
        : { width: extentWidth, height: extentHeight };
    const { instanceId } = image;
    const before = remembered.current;
    const isSetUpAgain = before?.instanceId === instanceId && before.generation !== generation;
    showImage(session, {
      target,
      viewportId,
      image,
      extent,
      memory: isSetUpAgain ? before.memory : undefined,
      onFrame(next, memory) {
        remembered.current = { instanceId, generation, memory };
        setFrame(next);
      },
      onView,
      onShown(commands) {
        session.onEnd(() => register(viewportId, null));
        register(viewportId, commands);
        setState({ kind: "shown" });
      },
    }).catch((error: unknown) => {
      if (session.isOver) return;
      setState({ kind: "failed", message: error instanceof Error ? error.message : String(error) });
    });
    return () => session.end();
  }, [viewportId, image, extentWidth, extentHeight, register, onView, generation, attempt]);

  const handleMove = useCallback(
    (event: PointerEvent<HTMLDivElement>) => {
      const inverse = frame === undefined ? undefined : invertAffine(frame.transform);
      if (inverse === undefined) return;
      const box = event.currentTarget.getBoundingClientRect();
      const at = applyAffine(inverse, { xPx: event.clientX - box.left, yPx: event.clientY - box.top });
      cursor.set({ viewportId, at, isByKeys: false });
    },
    [frame, cursor, viewportId],
  );

  return (
    <div
      className="relative h-full w-full overflow-hidden bg-black"
      onPointerMove={handleMove}
      onPointerDown={() => props.onActivate(viewportId)}
    >
      <div
        ref={element}
        className="absolute inset-0"
        onContextMenu={(event) => event.preventDefault()}
        data-testid={viewportId}
        data-state={state.kind}
      />
      {frame === undefined ? null : (
        <div
          className="pointer-events-none absolute inset-0"
          onWheel={(event) =>
            element.current?.firstChild?.dispatchEvent(new WheelEvent("wheel", event.nativeEvent))
          }
          onMouseDown={(event) => {
            // The overlay draws with the primary button; every other one is Cornerstone's.
            if (event.button === 0) return;
            element.current?.firstChild?.dispatchEvent(new MouseEvent("mousedown", event.nativeEvent));
          }}
        >
          {props.overlay(frame)}
        </div>
      )}
      {props.isActive ? (
        <div aria-hidden className="pointer-events-none absolute inset-0 border border-zinc-500" />
      ) : null}
      {state.kind === "loading" ? (
        <p role="status" className="absolute inset-0 grid place-items-center text-sm text-zinc-400">
          Loading {image.laterality} {image.view}…
        </p>
      ) : null}
      {state.kind === "failed" ? (
        <div
          role="alert"
          className="absolute inset-0 flex flex-col items-center justify-center gap-3 px-6 text-center text-sm text-orange-300"
        >
          <p>
            {image.laterality} {image.view}: {state.message}
          </p>
          <button
            type="button"
            onClick={() => setAttempt(attempt + 1)}
            className="rounded-md border border-zinc-600 px-3 py-1.5 text-zinc-100 hover:bg-zinc-800"
          >
            Try again
          </button>
        </div>
      ) : null}
    </div>
  );
}
