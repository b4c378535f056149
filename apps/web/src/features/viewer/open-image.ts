import * as core from "@cornerstonejs/core";
import { joinTools } from "./cornerstone.ts";
import type { HungImage } from "./hanging.ts";
import type { SharedExtent, ViewMemory, ViewportCommands, ViewportFrame } from "./image-pane.ts";
import { parkPane, takePane, type TakenPane } from "./pane-stock.ts";
import { createSurface, openPane, type StandingPane } from "./standing-pane.ts";

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

export interface ShowRequest {
  readonly target: HTMLDivElement;
  readonly viewportId: string;
  readonly image: HungImage;
  readonly extent: SharedExtent;
  readonly memory: ViewMemory | undefined;
  /** The reader moved or zoomed this viewport. */
  readonly onView: (viewportId: string) => void;
  readonly onFrame: (frame: ViewportFrame, memory: ViewMemory) => void;
  /** After the first frame. */
  readonly onShown: (commands: ViewportCommands) => void;
}

/** Tells of the image once it is drawn: at once where that was done ahead. */
export async function showImage(session: Session, request: ShowRequest): Promise<void> {
  const { target, viewportId, extent, image, memory } = request;
  const taken = takeFitting(target, image.instanceId);
  const standing = taken?.standing ?? (await openIn(target, image));
  if (session.isOver) {
    standing.close();
    throw new Error("The viewport was closed.");
  }
  const { pane, surface } = standing;
  let isShown = false;
  surface.addEventListener(core.Enums.Events.IMAGE_RENDERED, report);
  surface.addEventListener(core.Enums.Events.CAMERA_MODIFIED, reportMove);
  session.onEnd(() => {
    surface.removeEventListener(core.Enums.Events.IMAGE_RENDERED, report);
    surface.removeEventListener(core.Enums.Events.CAMERA_MODIFIED, reportMove);
    parkPane(standing);
  });
  function report() {
    if (session.isOver) return;
    request.onFrame(pane.frame(), pane.memory());
    if (!isShown) request.onShown(pane.commands(() => request.onView(viewportId)));
    isShown = true;
  }
  function reportMove() {
    if (!session.isOver && pane.noteMove()) request.onView(viewportId);
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
  joinTools(standing.viewportId);
  if (taken?.isDrawnAnew === true && memory === undefined && pane.isHungIn(extent)) report();
  else pane.hang(extent, memory);
}

/** In a place of another size the image is set up anew. */
function takeFitting(target: HTMLElement, instanceId: string): TakenPane | undefined {
  const taken = takePane(instanceId);
  if (taken === undefined) return undefined;
  target.replaceChildren(taken.standing.surface);
  if (taken.standing.pane.isOfItsSize()) return taken;
  taken.standing.close();
  return undefined;
}

function openIn(target: HTMLElement, image: HungImage): Promise<StandingPane> {
  const surface = createSurface();
  target.replaceChildren(surface);
  return openPane(surface, image);
}
