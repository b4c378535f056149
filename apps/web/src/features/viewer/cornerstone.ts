import * as core from "@cornerstonejs/core";
import * as tools from "@cornerstonejs/tools";
import { describeImage, toCornerstoneImage } from "./cornerstone-image.ts";
import type { ModelInput } from "./decode-protocol.ts";
import type { DisplayImage } from "./display-image.ts";
import { watchGraphics } from "./graphics.ts";
import { createImageDecoder, type ImageDecoder } from "./image-decoder.ts";

const scheme = "crossread";
const toolGroupId = "crossread-viewer";
const renderingEngineId = "crossread";

export type DragTool = "window" | "pan" | "zoom";

const toolNames: Readonly<Record<DragTool, string>> = {
  window: tools.WindowLevelTool.toolName,
  pan: tools.PanTool.toolName,
  zoom: tools.ZoomTool.toolName,
};

const loaded = new Map<string, DisplayImage>();

export const toImageId = (instanceId: string): string => `${scheme}:${instanceId}`;
const getDisplayImage = (instanceId: string): DisplayImage | undefined => loaded.get(toImageId(instanceId));

let hasStarted = false;
let decoder: ImageDecoder | undefined;

/** One core stays with the page. */
function imageDecoder(): ImageDecoder {
  return (decoder ??= createImageDecoder(
    Math.min(4, Math.max(1, navigator.hardwareConcurrency - 1)),
    () => new Worker(new URL("./decode-worker.ts", import.meta.url), { type: "module" }),
  ));
}

export const makeModelInput = (instanceId: string, inputSizePx: number): Promise<ModelInput> =>
  imageDecoder().makeInput(instanceId, inputSizePx);

/** From the cache, or before everything that is only fetched ahead. */
export async function loadShownImage(instanceId: string): Promise<DisplayImage> {
  startCornerstone();
  const loading = core.imageLoader.loadAndCacheImage(toImageId(instanceId));
  imageDecoder().hasten(instanceId);
  await loading;
  const display = getDisplayImage(instanceId);
  if (display === undefined) throw new Error("The image left the cache before it was shown.");
  return display;
}

let isPrepared = false;

/** Before anything is to be shown: Cornerstone, its graphics context and a worker stand ready. */
export async function prepareViewer(): Promise<void> {
  if (isPrepared) return;
  isPrepared = true;
  startCornerstone();
  imageDecoder().prepare();
  await drawSpeck();
}

/** Starts Cornerstone once a page; also before the first prefetch. */
function startCornerstone(): void {
  if (hasStarted) return;
  hasStarted = true;
  // A software renderer serves one context faster than several.
  core.init({ rendering: { webGlContextCount: 1 }, debug: {} });
  core.cache.setMaxCacheSize(768 * 1024 * 1024);
  core.imageLoader.registerImageLoader(scheme, (imageId) => ({ promise: loadImage(imageId) }));
  core.metaData.addProvider(provideMetadata, 10_000);
  core.eventTarget.addEventListener(core.Enums.Events.IMAGE_CACHE_IMAGE_REMOVED, (event: Event) => {
    const imageId = "detail" in event ? removedImageId(event.detail) : undefined;
    if (imageId !== undefined) loaded.delete(imageId);
  });
  watchGraphics(abandonEngine);
  tools.init();
  for (const tool of [tools.WindowLevelTool, tools.PanTool, tools.ZoomTool]) tools.addTool(tool);
  const group = tools.ToolGroupManager.createToolGroup(toolGroupId);
  for (const name of Object.values(toolNames)) group?.addTool(name);
  selectDragTool("window");
}

const removedImageId = (detail: unknown): string | undefined =>
  typeof detail === "object" && detail !== null && "imageId" in detail && typeof detail.imageId === "string"
    ? detail.imageId
    : undefined;

/** What the primary button does; middle pans and right or wheel zooms whatever is chosen. */
export function selectDragTool(selected: DragTool): void {
  const group = tools.ToolGroupManager.getToolGroup(toolGroupId);
  if (group === undefined) return;
  const { Primary, Auxiliary, Secondary, Wheel } = tools.Enums.MouseBindings;
  const fixed: Readonly<Record<DragTool, readonly number[]>> = {
    window: [],
    pan: [Auxiliary],
    zoom: [Secondary, Wheel],
  };
  for (const name of Object.values(toolNames)) group.setToolPassive(name, { removeAllBindings: true });
  for (const tool of ["window", "pan", "zoom"] as const) {
    const buttons = selected === tool ? [Primary, ...fixed[tool]] : fixed[tool];
    if (buttons.length > 0) {
      group.setToolActive(toolNames[tool], { bindings: buttons.map((mouseButton) => ({ mouseButton })) });
    }
  }
}

let engine: core.RenderingEngine | undefined;

/** One for the page: a second one of the same name would take the first one's viewports away. */
export function renderingEngine(): core.RenderingEngine {
  return (engine ??= new core.RenderingEngine(renderingEngineId));
}

/** Cornerstone does not tell of an engine that it is destroyed. */
export const isEngineLost = (drawing: core.RenderingEngine): boolean => drawing !== engine;

/** Its context is lost: the viewports that it drew ask for a new one. */
function abandonEngine(): void {
  const lost = engine;
  engine = undefined;
  lost?.destroy();
}

export function joinTools(viewportId: string): void {
  tools.ToolGroupManager.getToolGroup(toolGroupId)?.addViewport(viewportId, renderingEngineId);
}

export function leaveTools(viewportId: string): void {
  tools.ToolGroupManager.getToolGroup(toolGroupId)?.removeViewports(renderingEngineId, viewportId);
}

/** Loads images into the cache so that the next case stands at once; a failure shows when the image is opened. */
export async function prefetchImages(instanceIds: readonly string[]): Promise<void> {
  startCornerstone();
  await Promise.all(
    instanceIds.map((instanceId) =>
      core.imageLoader.loadAndCacheImage(toImageId(instanceId)).catch(() => undefined),
    ),
  );
}

async function loadImage(imageId: string): Promise<core.Types.IImage> {
  const instanceId = imageId.slice(scheme.length + 1);
  const display = instanceId === speckName ? speck : await imageDecoder().decode(instanceId);
  loaded.set(imageId, display);
  return toCornerstoneImage(imageId, display);
}

function provideMetadata(type: string, imageId: unknown): object | undefined {
  const display = typeof imageId === "string" ? loaded.get(imageId) : undefined;
  return display === undefined ? undefined : describeImage(type, imageId, display);
}

const speckName = "speck";
const speck: DisplayImage = {
  widthPx: 2,
  heightPx: 2,
  values: new Uint16Array(4),
  rowSpacing: 1,
  columnSpacing: 1,
  overview: null,
  chestWall: "left",
};

/** Drawn out of sight, so that the programs of the drawing are compiled before an image waits for them. */
async function drawSpeck(): Promise<void> {
  if (core.getShouldUseCPURendering()) return;
  const element = document.createElement("div");
  element.style.cssText = "position: fixed; left: -200px; width: 100px; height: 100px";
  document.body.append(element);
  const engine = renderingEngine();
  engine.enableElement({ viewportId: speckName, element, type: core.Enums.ViewportType.STACK });
  const viewport = engine.getViewport(speckName);
  if (viewport instanceof core.StackViewport) {
    const isDrawn = new Promise((resolve) =>
      element.addEventListener(core.Enums.Events.IMAGE_RENDERED, resolve, { once: true }),
    );
    await viewport.setStack([toImageId(speckName)]);
    viewport.render();
    await isDrawn;
  }
  if (!isEngineLost(engine)) engine.disableElement(speckName);
  core.cache.removeImageLoadObject(toImageId(speckName));
  element.remove();
}
