import * as core from "@cornerstonejs/core";
import type { DisplayImage } from "./display-image.ts";
import { displayMaximum } from "./display-range.ts";

type ImageData = ReturnType<core.StackViewport["createVTKImageData"]>;

/**
 * What a viewport draws: the image, or its overview where a pixel of the screen covers at least a square of it. The
 * overview is quicker, and no pixel is passed over, as it would be by sampling the image itself.
 */
export class ImageLevels {
  #isOverview = false;
  readonly #viewport: core.StackViewport;
  readonly #display: DisplayImage;
  readonly #image: ImageData | undefined;
  readonly #overview: ImageData | undefined;

  /** The viewport's stack is set. */
  constructor(viewport: core.StackViewport, display: DisplayImage) {
    this.#viewport = viewport;
    this.#display = display;
    const { overview, columnSpacing, rowSpacing } = display;
    const mapper = imageMapperOf(viewport);
    if (overview === null || mapper === undefined) return;
    this.#image = mapper.getInputData();
    // World coordinates begin in the middle of the first pixel.
    const inset = (overview.factor - 1) / 2;
    this.#overview = viewport.createVTKImageData({
      origin: [inset * columnSpacing, inset * rowSpacing, 0],
      direction: this.#image?.getDirection(),
      dimensions: [overview.widthPx, overview.heightPx, 1],
      spacing: [overview.factor * columnSpacing, overview.factor * rowSpacing, 1],
      numberOfComponents: 1,
      pixelArray: overview.values,
    });
    const scalars = this.#overview.getPointData().getScalars().getData();
    if (scalars instanceof Uint16Array) scalars.set(overview.values);
    this.#show(true);
  }

  /** After every movement of the camera, before it is drawn. */
  choose(): void {
    const { parallelScale } = this.#viewport.getCamera();
    const { overview, rowSpacing } = this.#display;
    if (this.#overview === undefined || overview === null || parallelScale === undefined) return;
    const screenPx = this.#viewport.canvas.height;
    this.#show((2 * parallelScale) / rowSpacing >= overview.factor * screenPx);
  }

  #show(isOverview: boolean): void {
    if (isOverview === this.#isOverview) return;
    this.#isOverview = isOverview;
    const data = isOverview ? this.#overview : this.#image;
    if (data !== undefined) imageMapperOf(this.#viewport)?.setInputData(data);
  }
}

/** None where Cornerstone draws without WebGL. */
function imageMapperOf(viewport: core.StackViewport) {
  if (core.getShouldUseCPURendering()) return undefined;
  const actor = viewport.getDefaultActor()?.actor;
  const mapper = actor !== undefined && "getMapper" in actor ? actor.getMapper() : null;
  return mapper !== null && "setInputData" in mapper ? mapper : undefined;
}

/** The range of the pixels is known: Cornerstone would look at each of them for it. */
export function tellRange(viewport: core.StackViewport): void {
  const make = viewport.createVTKImageData.bind(viewport);
  viewport.createVTKImageData = (request) => {
    const imageData = make(request);
    imageData.getPointData().getScalars().setRange({ min: 0, max: displayMaximum }, 0);
    return imageData;
  };
}
