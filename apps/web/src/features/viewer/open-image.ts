import * as core from "@cornerstonejs/core";
import { joinTools, leaveTools, loadShownImage, renderingEngine, toImageId } from "./cornerstone.ts";
import { ImageLevels, tellRange } from "./image-levels.ts";
import {
  ImagePane,
  type PaneRequest,
  type ViewMemory,
  type ViewportCommands,
  type ViewportFrame,
} from "./image-pane.ts";

/** What one mounting of the viewport has opened; all of it is closed at once, also in the middle of a load. */
export class Session {
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

export interface ShowRequest extends PaneRequest {
  readonly memory: ViewMemory | undefined;
  readonly onFrame: (frame: ViewportFrame, memory: ViewMemory) => void;
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
  tellRange(viewport);
  const disable = () => {
    if (!engine.hasBeenDestroyed) engine.disableElement(viewportId);
  };
  const isSet = viewport.setStack([toImageId(request.image.instanceId)]).finally(() => {
    opening.delete(viewportId);
    if (session.isOver) disable();
    else session.onEnd(disable);
  });
  opening.set(
    viewportId,
    isSet.catch(() => undefined),
  );
  await isSet;
  if (session.isOver) throw new Error("The viewport was closed.");
  return viewport;
}

/** Ends when the image is drawn. */
export async function showImage(session: Session, request: ShowRequest): Promise<ViewportCommands> {
  const { target, viewportId, memory } = request;
  const display = await loadShownImage(request.image.instanceId);
  const viewport = await openViewport(session, request);
  const levels = new ImageLevels(viewport, display);
  const pane = new ImagePane(viewport, display, request);
  let noteDrawn: () => void;
  const isDrawn = new Promise<void>((resolve) => (noteDrawn = resolve));
  target.addEventListener(core.Enums.Events.IMAGE_RENDERED, report);
  target.addEventListener(core.Enums.Events.CAMERA_MODIFIED, reportMove);
  session.onEnd(() => {
    target.removeEventListener(core.Enums.Events.IMAGE_RENDERED, report);
    target.removeEventListener(core.Enums.Events.CAMERA_MODIFIED, reportMove);
  });
  function report() {
    if (session.isOver) return;
    request.onFrame(pane.frame(), pane.memory());
    noteDrawn();
  }
  function reportMove() {
    if (session.isOver) return;
    levels.choose();
    if (pane.noteMove()) request.onView(viewportId);
  }
  let shownSize = `${target.clientWidth}×${target.clientHeight}`;
  const resized = new ResizeObserver(() => {
    const size = `${target.clientWidth}×${target.clientHeight}`;
    if (target.clientWidth === 0 || size === shownSize) return;
    shownSize = size;
    pane.resize();
  });
  resized.observe(target);
  session.onEnd(() => resized.disconnect());
  joinTools(viewportId);
  session.onEnd(() => leaveTools(viewportId));
  pane.setWindow(memory?.window ?? { lower: 0, upper: 1 });
  pane.fit();
  if (memory !== undefined) pane.restore(memory);
  await isDrawn;
  return pane.commands();
}
