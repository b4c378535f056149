import { leaveTools, prefetchImages } from "./cornerstone.ts";
import { columnCount, extentOf, hang, readingOrder, type HungImage } from "./hanging.ts";
import { createSurface, nextFrame, openPane, type StandingPane } from "./standing-pane.ts";
import { whenIdle } from "./when-idle.ts";

/**
 * Panes out of sight: those of the next case, drawn while this one is read, and those that were just left, which the
 * next step of the same case takes over. What nobody takes is closed once the page has nothing else to do.
 */
let stock: readonly { readonly standing: StandingPane; readonly isDrawnAnew: boolean }[] = [];
/** Images of the next case. */
let expected: ReadonlySet<string> = new Set();

export interface TakenPane {
  readonly standing: StandingPane;
  /** Nobody has changed how it hangs since it was drawn. */
  readonly isDrawnAnew: boolean;
}

export function takePane(instanceId: string): TakenPane | undefined {
  const taken = stock.find(({ standing }) => standing.instanceId === instanceId && !standing.isLost());
  if (taken !== undefined) stock = stock.filter((each) => each !== taken);
  return taken;
}

export function parkPane(standing: StandingPane): void {
  leaveTools(standing.viewportId);
  standing.surface.remove();
  stock = [...stock, { standing, isDrawnAnew: false }];
  whenIdle(tidy);
}

function tidy(): void {
  const isKept = ({ standing }: TakenPane) => expected.has(standing.instanceId) && !standing.isLost();
  const left = stock.filter((each) => !isKept(each));
  stock = stock.filter(isKept);
  for (const { standing } of left) standing.close();
}

/** For `ref` of the element that shows four views: draws those of the next case, at its size and out of sight. */
export const preparingPanes = (images: readonly HungImage[]) => (place: HTMLElement | null) => {
  if (place === null || images.length === 0) return;
  expected = new Set(images.map(({ instanceId }) => instanceId));
  const stage = { host: document.createElement("div"), isOver: false };
  // A failure shows when the image is opened.
  prepare(place, images, stage).catch(() => undefined);
  return () => {
    stage.isOver = true;
    stage.host.remove();
    expected = new Set();
    whenIdle(tidy);
  };
};

async function prepare(
  place: HTMLElement,
  images: readonly HungImage[],
  stage: { readonly host: HTMLElement; readonly isOver: boolean },
): Promise<void> {
  // What is on the screen comes first.
  await idle();
  if (stage.isOver) return;
  await prefetchImages(images.map(({ instanceId }) => instanceId));
  const extent = extentOf(readingOrder(images));
  const cells = hang(images, { layout: "four-view", selectedIndex: 0 }).map(({ image }) => {
    const cell = document.createElement("div");
    cell.style.position = "relative";
    return { cell, image };
  });
  await idle();
  if (stage.isOver) return;
  standBeside(stage.host, place);
  stage.host.append(...cells.map(({ cell }) => cell));
  for (const { cell, image } of cells) {
    if (image === undefined || stock.some(({ standing }) => standing.instanceId === image.instanceId))
      continue;
    const surface = createSurface();
    cell.append(surface);
    const standing = await openPane(surface, image);
    if (stage.isOver) return standing.close();
    const isDrawn = nextFrame(surface);
    standing.pane.hang(extent, undefined);
    await isDrawn;
    stock = [...stock, { standing, isDrawnAnew: true }];
    await idle();
    if (stage.isOver) return tidy();
  }
}

/** The same grid at the same size and the same fractions of a pixel, left of the screen. */
function standBeside(host: HTMLElement, place: HTMLElement): void {
  const { left, top, width, height } = place.getBoundingClientRect();
  const columns = columnCount("four-view");
  host.ariaHidden = "true";
  host.inert = true;
  host.style.cssText = `position: fixed; visibility: hidden; display: grid; gap: 1px;
    grid-template: repeat(2, minmax(0, 1fr)) / repeat(${columns}, minmax(0, 1fr));
    left: ${left - Math.ceil(left + width) - 100}px; top: ${top}px; width: ${width}px; height: ${height}px`;
  document.body.append(host);
}

const idle = (): Promise<void> =>
  new Promise((resolve) => {
    whenIdle(resolve);
  });
