import * as core from "@cornerstonejs/core";
import { isEngineLost, loadShownImage, renderingEngine, toImageId } from "./cornerstone.ts";
import type { HungImage } from "./hanging.ts";
import { ImageLevels, tellRange } from "./image-levels.ts";
import { ImagePane } from "./image-pane.ts";

/** An image in a Cornerstone viewport of its own, which is drawn wherever its surface stands. */
export interface StandingPane {
  readonly instanceId: string;
  readonly surface: HTMLDivElement;
  /** Cornerstone's own name of the viewport. */
  readonly viewportId: string;
  readonly pane: ImagePane;
  /** Its graphics context was lost. */
  readonly isLost: () => boolean;
  readonly close: () => void;
}

let openedCount = 0;

/** Fills the element that it is put into. */
export function createSurface(): HTMLDivElement {
  const surface = document.createElement("div");
  surface.style.cssText = "position: absolute; inset: 0";
  return surface;
}

/** Sets the image up; it is not hung yet. Cornerstone fails on a viewport that is closed before this ends. */
export async function openPane(surface: HTMLDivElement, image: HungImage): Promise<StandingPane> {
  const { instanceId } = image;
  const display = await loadShownImage(instanceId);
  const engine = renderingEngine();
  const viewportId = `pane-${(openedCount += 1)}`;
  const isLost = () => isEngineLost(engine);
  const close = () => {
    if (!isLost()) engine.disableElement(viewportId);
    surface.remove();
  };
  try {
    engine.enableElement({ viewportId, element: surface, type: core.Enums.ViewportType.STACK });
    const viewport = engine.getViewport(viewportId);
    if (!(viewport instanceof core.StackViewport)) throw new Error("The image has no viewport.");
    tellRange(viewport);
    await viewport.setStack([toImageId(instanceId)]);
    const levels = new ImageLevels(viewport, display);
    surface.addEventListener(core.Enums.Events.CAMERA_MODIFIED, () => levels.choose());
    const pane = new ImagePane(viewport, display, { surface, image });
    return { instanceId, surface, viewportId, pane, isLost, close };
  } catch (error) {
    close();
    throw error;
  }
}

/** The next frame that Cornerstone draws on the surface. */
export const nextFrame = (surface: HTMLDivElement): Promise<unknown> =>
  new Promise((resolve) =>
    surface.addEventListener(core.Enums.Events.IMAGE_RENDERED, resolve, { once: true }),
  );
