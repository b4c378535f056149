"use client";

import * as core from "@cornerstonejs/core";
import { useEffect, useRef, useState, type ReactNode } from "react";
import { affineThrough, type Affine, type Point } from "./affine.ts";
import {
  getDisplayImage,
  joinTools,
  leaveTools,
  renderingEngine,
  startCornerstone,
  toImageId,
} from "./cornerstone.ts";
import { displayMaximum, type DisplayImage } from "./display-image.ts";
import { fitCamera } from "./fit-camera.ts";
import { chestWallSide, type HungImage } from "./hanging.ts";

/** Window over the displayed range, as shares of it. */
export interface DisplayWindow {
  readonly lower: number;
  readonly upper: number;
}

export interface ViewportCommands {
  fit(): void;
  /** One image pixel on one device pixel. */
  showOneToOne(): void;
  toggleInvert(): void;
  setWindow(window: DisplayWindow): void;
}

export interface ViewportFrame {
  /** Image pixels (origin at the image's top-left corner) to CSS pixels of the viewport. */
  readonly transform: Affine;
  readonly isMirrored: boolean;
  readonly isInverted: boolean;
  readonly window: DisplayWindow;
}

interface ViewportProps {
  readonly viewportId: string;
  readonly image: HungImage;
  /** Extent that all viewports of the layout share; null lets the image stand alone and centred. */
  readonly sharedExtent: { readonly width: number; readonly height: number } | null;
  readonly register: (viewportId: string, commands: ViewportCommands | null) => void;
  readonly overlay: (frame: ViewportFrame) => ReactNode;
}

type LoadState = { readonly kind: "loading" | "shown" } | { readonly kind: "failed"; message: string };

/** One image in Cornerstone, and whatever the caller lays over it in the image's own frame. */
export function Viewport(props: ViewportProps) {
  const { viewportId, image, sharedExtent, register } = props;
  const { instanceId, laterality } = image;
  const element = useRef<HTMLDivElement>(null);
  const [frame, setFrame] = useState<ViewportFrame>();
  const [state, setState] = useState<LoadState>({ kind: "loading" });
  const extentWidth = sharedExtent?.width;
  const extentHeight = sharedExtent?.height;

  useEffect(() => {
    const target = element.current;
    if (target === null) return;
    const session = new Session();
    setState({ kind: "loading" });
    setFrame(undefined);
    const extent =
      extentWidth === undefined || extentHeight === undefined
        ? null
        : { width: extentWidth, height: extentHeight };
    showImage(session, { target, viewportId, instanceId, laterality, extent, onFrame: setFrame })
      .then((commands) => {
        if (session.isOver) return;
        session.onEnd(() => register(viewportId, null));
        register(viewportId, commands);
        setState({ kind: "shown" });
      })
      .catch((error: unknown) => {
        if (session.isOver) return;
        setState({ kind: "failed", message: error instanceof Error ? error.message : String(error) });
      });
    return () => session.end();
  }, [viewportId, instanceId, laterality, extentWidth, extentHeight, register]);

  return (
    <div className="relative h-full w-full overflow-hidden bg-black">
      <div
        ref={element}
        className="absolute inset-0"
        onContextMenu={(event) => event.preventDefault()}
        data-testid={`viewport-${image.laterality}${image.view}`}
        data-state={state.kind}
      />
      {frame === undefined ? null : (
        <div
          className="pointer-events-none absolute inset-0"
          onWheel={(event) => element.current?.dispatchEvent(new WheelEvent("wheel", event.nativeEvent))}
          onMouseDown={(event) => {
            // The overlay draws with the primary button; every other one is Cornerstone's.
            if (event.button === 0) return;
            element.current?.dispatchEvent(new MouseEvent("mousedown", event.nativeEvent));
          }}
        >
          {props.overlay(frame)}
        </div>
      )}
      {state.kind === "loading" ? (
        <p role="status" className="absolute inset-0 grid place-items-center text-sm text-zinc-400">
          Loading image…
        </p>
      ) : null}
      {state.kind === "failed" ? (
        <p
          role="alert"
          className="absolute inset-0 grid place-items-center px-6 text-center text-sm text-orange-300"
        >
          {state.message}
        </p>
      ) : null}
    </div>
  );
}

/** What one mounting of the viewport has opened; all of it is closed at once, also in the middle of a load. */
class Session {
  isOver = false;
  readonly #closings: (() => void)[] = [];

  onEnd(close: () => void): void {
    this.#closings.push(close);
  }

  end(): void {
    this.isOver = true;
    for (const close of this.#closings.toReversed()) close();
  }
}

interface ShowRequest {
  readonly target: HTMLDivElement;
  readonly viewportId: string;
  readonly instanceId: string;
  readonly laterality: HungImage["laterality"];
  readonly extent: { readonly width: number; readonly height: number } | null;
  readonly onFrame: (frame: ViewportFrame) => void;
}

/** Cornerstone fails on a viewport that is closed while its stack is being set: the next one of that name waits. */
const opening = new Map<string, Promise<unknown>>();

async function openViewport(session: Session, request: ShowRequest): Promise<core.StackViewport> {
  const { viewportId } = request;
  await opening.get(viewportId);
  if (session.isOver) throw new Error("The viewport was closed.");
  const engine = renderingEngine();
  engine.enableElement({ viewportId, element: request.target, type: core.Enums.ViewportType.STACK });
  const viewport = engine.getViewport(viewportId);
  if (!(viewport instanceof core.StackViewport)) throw new Error("The image has no viewport.");
  const isSet = viewport.setStack([toImageId(request.instanceId)]).finally(() => {
    opening.delete(viewportId);
    if (session.isOver) engine.disableElement(viewportId);
    else session.onEnd(() => engine.disableElement(viewportId));
  });
  opening.set(
    viewportId,
    isSet.catch(() => undefined),
  );
  await isSet;
  if (session.isOver) throw new Error("The viewport was closed.");
  return viewport;
}

async function showImage(session: Session, request: ShowRequest): Promise<ViewportCommands> {
  const { target, viewportId, instanceId } = request;
  startCornerstone();
  await core.imageLoader.loadAndCacheImage(toImageId(instanceId));
  const display = getDisplayImage(instanceId);
  if (display === undefined) throw new Error("The image left the cache before it was shown.");
  const viewport = await openViewport(session, request);
  const engine = renderingEngine();
  viewport.setProperties({ voiRange: { lower: 0, upper: displayMaximum } });
  const isMirrored = display.chestWall !== chestWallSide(request.laterality);
  const fit = () => fitViewport(viewport, display, { ...request, isMirrored });
  const report = () => {
    if (!session.isOver) request.onFrame(frameOf(viewport, display, isMirrored));
  };
  target.addEventListener(core.Enums.Events.IMAGE_RENDERED, report);
  session.onEnd(() => target.removeEventListener(core.Enums.Events.IMAGE_RENDERED, report));
  const resized = new ResizeObserver(() => {
    if (target.clientWidth === 0) return;
    engine.resize(true, true);
    fit();
  });
  resized.observe(target);
  session.onEnd(() => resized.disconnect());
  joinTools(viewportId);
  session.onEnd(() => leaveTools(viewportId));
  fit();
  return {
    fit,
    showOneToOne() {
      const worldHeight = target.clientHeight * window.devicePixelRatio * display.rowSpacing;
      viewport.setCamera({ parallelScale: worldHeight / 2 });
      viewport.render();
    },
    toggleInvert() {
      viewport.setProperties({ invert: viewport.getProperties().invert !== true });
      viewport.render();
    },
    setWindow({ lower, upper }) {
      viewport.setProperties({ voiRange: { lower: lower * displayMaximum, upper: upper * displayMaximum } });
      viewport.render();
    },
  };
}

function fitViewport(
  viewport: core.StackViewport,
  display: DisplayImage,
  request: ShowRequest & { isMirrored: boolean },
): void {
  const size = {
    width: display.widthPx * display.columnSpacing,
    height: display.heightPx * display.rowSpacing,
  };
  const fitted = fitCamera({
    extent: request.extent ?? size,
    image: size,
    viewport: { width: request.target.clientWidth, height: request.target.clientHeight },
    chestWall: request.extent === null ? null : display.chestWall,
  });
  viewport.resetCamera();
  viewport.setCamera({ flipHorizontal: request.isMirrored });
  const { focalPoint, position } = viewport.getCamera();
  if (focalPoint === undefined || position === undefined) return;
  // The first pixel's centre is the world's origin.
  const x = fitted.centre.x - display.columnSpacing / 2;
  const y = fitted.centre.y - display.rowSpacing / 2;
  const [dx, dy] = [x - focalPoint[0], y - focalPoint[1]];
  viewport.setCamera({
    parallelScale: fitted.parallelScale,
    focalPoint: [x, y, focalPoint[2]],
    position: [position[0] + dx, position[1] + dy, position[2]],
  });
  viewport.render();
}

function frameOf(viewport: core.StackViewport, display: DisplayImage, isMirrored: boolean): ViewportFrame {
  const toCanvas = (columnPx: number, rowPx: number): Point => {
    const world: core.Types.Point3 = [
      (columnPx - 0.5) * display.columnSpacing,
      (rowPx - 0.5) * display.rowSpacing,
      0,
    ];
    const [xPx, yPx] = viewport.worldToCanvas(world);
    return { xPx, yPx };
  };
  const { voiRange, invert } = viewport.getProperties();
  return {
    transform: affineThrough(toCanvas(0, 0), toCanvas(1, 0), toCanvas(0, 1)),
    isMirrored,
    isInverted: invert === true,
    window: {
      lower: (voiRange?.lower ?? 0) / displayMaximum,
      upper: (voiRange?.upper ?? displayMaximum) / displayMaximum,
    },
  };
}
