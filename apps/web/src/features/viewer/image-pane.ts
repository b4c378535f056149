import type * as core from "@cornerstonejs/core";
import { affineThrough, type Affine, type Point } from "./affine.ts";
import { isHungMirrored, toAnatomicalView, toWorldView, type AnatomicalView } from "./anatomical-view.ts";
import { renderingEngine } from "./cornerstone.ts";
import type { DisplayImage } from "./display-image.ts";
import { displayMaximum } from "./display-range.ts";
import { fitCamera } from "./fit-camera.ts";
import type { HungImage } from "./hanging.ts";

/** Window over the displayed range, as shares of it. */
export interface DisplayWindow {
  readonly lower: number;
  readonly upper: number;
}

export interface ViewportCommands {
  readonly instanceId: string;
  /** Viewports that show the same view move together when they are linked. */
  readonly view: HungImage["view"];
  readonly fit: () => void;
  /** One image pixel on one device pixel. */
  readonly showOneToOne: () => void;
  /** One to one, with the point of the image (pixels) in the middle. */
  readonly showPoint: (point: Point) => void;
  readonly toggleInvert: () => void;
  readonly toggleFlip: () => void;
  readonly setWindow: (window: DisplayWindow) => void;
  readonly getView: () => AnatomicalView;
  readonly follow: (view: AnatomicalView) => void;
}

export interface ViewportFrame {
  /** Image pixels (origin at the image's top-left corner) to CSS pixels of the viewport. */
  readonly transform: Affine;
  readonly sizePx: { readonly width: number; readonly height: number };
  readonly display: DisplayImage;
  /** Shown mirrored against the stored pixels, so that the chest wall lies where it belongs. */
  readonly isMirrored: boolean;
  /** Turned over by the reader. */
  readonly isFlipped: boolean;
  readonly isInverted: boolean;
  readonly window: DisplayWindow;
}

/** What a viewport showed, so that it can show it again on a new engine. */
export interface ViewMemory {
  readonly view: AnatomicalView;
  /** What was fitted is fitted anew, also into a viewport of another size. */
  readonly isFitted: boolean;
  readonly isFlipped: boolean;
  readonly isInverted: boolean;
  readonly window: DisplayWindow;
}

/** Extent that all viewports of the layout share; null lets the image stand alone and centred. */
export type SharedExtent = { readonly width: number; readonly height: number } | null;

interface WorldView {
  readonly parallelScale: number;
  readonly centre: { readonly x: number; readonly y: number };
}

/** The engine resizes all viewports at once and moves their cameras: nobody meant to move there. */
let isEngineResizing = false;

/** One image in one Cornerstone viewport. */
export class ImagePane {
  #isSteered = false;
  #isFitted = true;
  /** Where the reader or the program last looked, and the height of the viewport then. */
  #last: { readonly world: WorldView; readonly width: number; readonly height: number } | undefined;
  readonly #viewport: core.StackViewport;
  readonly #display: DisplayImage;
  /** What Cornerstone draws on; its size is the viewport's. */
  readonly #surface: HTMLDivElement;
  readonly #image: HungImage;
  readonly #isMirrored: boolean;
  #extent: SharedExtent = null;
  #isFlipped = false;

  constructor(
    viewport: core.StackViewport,
    display: DisplayImage,
    place: { readonly surface: HTMLDivElement; readonly image: HungImage },
  ) {
    this.#viewport = viewport;
    this.#display = display;
    this.#surface = place.surface;
    this.#image = place.image;
    this.#isMirrored = isHungMirrored(display, place.image.laterality);
  }

  /** As a layout shows it first, or as it was remembered; it is drawn with the next frame. */
  hang(extent: SharedExtent, memory: ViewMemory | undefined): void {
    this.#extent = extent;
    this.#isFlipped = false;
    this.#setInvert(false);
    this.setWindow(memory?.window ?? { lower: 0, upper: 1 });
    this.fit();
    if (memory !== undefined) this.#restore(memory);
  }

  /** Whether its place is as large as when it was drawn. */
  isOfItsSize(): boolean {
    const { width, height } = this.#size();
    return this.#last?.width === width && this.#last.height === height;
  }

  isHungIn(extent: SharedExtent): boolean {
    return this.#extent?.width === extent?.width && this.#extent?.height === extent?.height;
  }

  /** `onShown`: the reader went to a point of this viewport. */
  commands(onShown: () => void): ViewportCommands {
    return {
      instanceId: this.#image.instanceId,
      view: this.#image.view,
      fit: () => this.fit(),
      showOneToOne: () => this.#showOneToOne(),
      showPoint: (point) => {
        const { columnSpacing, rowSpacing } = this.#display;
        const centre = { x: point.xPx * columnSpacing, y: point.yPx * rowSpacing };
        this.#move({ centre, parallelScale: this.#oneToOne() });
        onShown();
      },
      toggleInvert: () => this.#setInvert(this.#viewport.getProperties().invert !== true),
      toggleFlip: () => this.#setFlip(!this.#isFlipped),
      setWindow: (window) => this.setWindow(window),
      getView: () => toAnatomicalView(this.#display, this.#world()),
      follow: (view) => this.#move(toWorldView(this.#display, view)),
    };
  }

  fit(): void {
    const { columnSpacing, rowSpacing, widthPx, heightPx, chestWall } = this.#display;
    const extent = this.#extent;
    const size = { width: widthPx * columnSpacing, height: heightPx * rowSpacing };
    const fitted = fitCamera({
      extent: extent ?? size,
      image: size,
      viewport: this.#size(),
      chestWall: extent === null ? null : chestWall,
    });
    this.#steer(() => {
      this.#viewport.resetCamera();
      this.#applyFlip();
    });
    this.#move(fitted);
    this.#isFitted = true;
  }

  /** Whether the camera was moved by the reader, neither by the program nor by a resize. */
  noteMove(): boolean {
    if (this.#isSteered || isEngineResizing) return false;
    this.#isFitted = false;
    this.#last = { world: this.#world(), ...this.#size() };
    return true;
  }

  /** What was fitted stays fitted; elsewhere the size of things stays, and what lies at the chest wall's side. */
  resize(): void {
    const isFitted = this.#isFitted;
    const last = this.#last;
    isEngineResizing = true;
    renderingEngine().resize(true, true);
    isEngineResizing = false;
    this.fit();
    if (isFitted || last === undefined) return;
    const { width, height } = this.#size();
    const { centre } = last.world;
    const parallelScale = (last.world.parallelScale * height) / last.height;
    const wider = (parallelScale / height) * (width - last.width);
    const towards = this.#display.chestWall === "left" ? 1 : -1;
    const x = this.#extent === null ? centre.x : centre.x + towards * wider;
    this.#move({ centre: { x, y: centre.y }, parallelScale });
  }

  #restore(memory: ViewMemory): void {
    this.#setFlip(memory.isFlipped);
    this.#setInvert(memory.isInverted);
    if (!memory.isFitted) this.#move(toWorldView(this.#display, memory.view));
  }

  setWindow({ lower, upper }: DisplayWindow): void {
    this.#viewport.setProperties({
      voiRange: { lower: lower * displayMaximum, upper: upper * displayMaximum },
    });
    this.#viewport.render();
  }

  memory(): ViewMemory {
    const { isFlipped, isInverted, window } = this.frame();
    const view = toAnatomicalView(this.#display, this.#world());
    return { view, isFitted: this.#isFitted, isFlipped, isInverted, window };
  }

  frame(): ViewportFrame {
    const { columnSpacing, rowSpacing } = this.#display;
    const toCanvas = (columnPx: number, rowPx: number): Point => {
      const world: core.Types.Point3 = [(columnPx - 0.5) * columnSpacing, (rowPx - 0.5) * rowSpacing, 0];
      const [xPx, yPx] = this.#viewport.worldToCanvas(world);
      return { xPx, yPx };
    };
    const { voiRange, invert } = this.#viewport.getProperties();
    return {
      transform: affineThrough(toCanvas(0, 0), toCanvas(1, 0), toCanvas(0, 1)),
      sizePx: this.#size(),
      display: this.#display,
      isMirrored: this.#isMirrored,
      isFlipped: this.#isFlipped,
      isInverted: invert === true,
      window: {
        lower: (voiRange?.lower ?? 0) / displayMaximum,
        upper: (voiRange?.upper ?? displayMaximum) / displayMaximum,
      },
    };
  }

  /** What lay at the chest wall stays there; elsewhere the middle stays. */
  #showOneToOne(): void {
    const before = this.#world();
    const parallelScale = this.#oneToOne();
    if (!this.#isFitted || this.#extent === null) return this.#move({ ...before, parallelScale });
    const { clientWidth, clientHeight } = this.#surface;
    const { widthPx, columnSpacing, chestWall } = this.#display;
    const halfWidth = (parallelScale * clientWidth) / clientHeight;
    const x = chestWall === "left" ? halfWidth : widthPx * columnSpacing - halfWidth;
    this.#move({ centre: { x, y: before.centre.y }, parallelScale });
  }

  #setInvert(invert: boolean): void {
    this.#viewport.setProperties({ invert });
    this.#viewport.render();
  }

  #setFlip(isFlipped: boolean): void {
    const isFitted = this.#isFitted;
    const world = this.#world();
    this.#isFlipped = isFlipped;
    this.#steer(() => this.#applyFlip());
    this.#move(world);
    this.#isFitted = isFitted;
  }

  #applyFlip(): void {
    this.#viewport.setCamera({ flipHorizontal: this.#isMirrored !== this.#isFlipped });
  }

  #size(): { readonly width: number; readonly height: number } {
    const { clientWidth: width, clientHeight: height } = this.#surface;
    return { width, height };
  }

  #oneToOne(): number {
    return (this.#surface.clientHeight * window.devicePixelRatio * this.#display.rowSpacing) / 2;
  }

  #world(): WorldView {
    const { columnSpacing, rowSpacing } = this.#display;
    const { focalPoint, parallelScale } = this.#viewport.getCamera();
    // The first pixel's centre is the world's origin.
    return {
      parallelScale: parallelScale ?? this.#oneToOne(),
      centre: {
        x: (focalPoint?.[0] ?? 0) + columnSpacing / 2,
        y: (focalPoint?.[1] ?? 0) + rowSpacing / 2,
      },
    };
  }

  /** `fit` says so itself afterwards. */
  #move(to: WorldView): void {
    const { focalPoint, position } = this.#viewport.getCamera();
    if (focalPoint === undefined || position === undefined) return;
    const x = to.centre.x - this.#display.columnSpacing / 2;
    const y = to.centre.y - this.#display.rowSpacing / 2;
    this.#isFitted = false;
    this.#last = { world: to, ...this.#size() };
    this.#steer(() => {
      this.#viewport.setCamera({ parallelScale: to.parallelScale });
      this.#viewport.setCamera({
        focalPoint: [x, y, focalPoint[2]],
        position: [position[0] + x - focalPoint[0], position[1] + y - focalPoint[1], position[2]],
      });
    });
    this.#viewport.render();
  }

  #steer(move: () => void): void {
    this.#isSteered = true;
    move();
    this.#isSteered = false;
  }
}
