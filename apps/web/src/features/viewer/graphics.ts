import * as core from "@cornerstonejs/core";

export interface GraphicsState {
  /** Who draws: a graphics card, WebGL in software, or Cornerstone's own drawing without WebGL. */
  readonly path: "graphics-card" | "software" | "no-webgl";
  /** Grows with every context that was lost: what was drawn with the old one is set up again. */
  readonly generation: number;
}

const restlessMs = 60_000;
const lossesUntilFallback = 3;

let state: GraphicsState = { path: "graphics-card", generation: 0 };
let losses: number[] = [];
const listeners = new Set<() => void>();

export const getGraphics = (): GraphicsState => state;

export function subscribeToGraphics(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function set(next: GraphicsState): void {
  state = next;
  for (const listener of listeners) listener();
}

/** After Cornerstone's own start. `onLost` gives the old engine up; viewports then ask for a new one. */
export function watchGraphics(onLost: () => void): void {
  const { softwareRasterizer } = core.getRenderingCapabilities();
  const path = softwareRasterizer ? "software" : "graphics-card";
  set({ ...state, path: core.getShouldUseCPURendering() ? "no-webgl" : path });
  core.eventTarget.addEventListener(core.Enums.Events.WEBGL_CONTEXT_LOST, () => {
    const now = performance.now();
    losses = [...losses.filter((at) => now - at < restlessMs), now];
    onLost();
    const isHopeless = losses.length >= lossesUntilFallback || !hasWebGl();
    if (isHopeless) core.setUseCPURendering(true, false);
    set({ path: isHopeless ? "no-webgl" : state.path, generation: state.generation + 1 });
  });
}

/** A browser may refuse further contexts after a crash of its graphics process. */
function hasWebGl(): boolean {
  const context = document.createElement("canvas").getContext("webgl2");
  context?.getExtension("WEBGL_lose_context")?.loseContext();
  return context !== null;
}
