import type { MarkGeometry } from "@crossread/contracts/mark";
import { handlesOf, moveHandle, scaleGeometry } from "../../viewer/mark-handles.ts";
import { keptInFrame, movedInFrame, turned, type ImageFrame } from "./mark-shapes.ts";

const turnStepRad = Math.PI / 36;

/** One key on the selected mark, or on its chosen corner. */
export function shapedByKey(
  geometry: MarkGeometry,
  { key, shiftKey }: Pick<KeyboardEvent, "key" | "shiftKey">,
  handle: number | null,
  frame: ImageFrame,
): MarkGeometry | undefined {
  const step = shiftKey ? 1 : Math.max(1, Math.round(Math.min(frame.widthPx, frame.heightPx) / 200));
  const steps: Readonly<Record<string, readonly [number, number]>> = {
    ArrowLeft: [-step, 0],
    ArrowRight: [step, 0],
    ArrowUp: [0, -step],
    ArrowDown: [0, step],
  };
  const by = steps[key];
  if (by !== undefined) {
    const [xPx, yPx] = by;
    const at = handle === null ? undefined : handlesOf(geometry)[handle];
    if (handle === null || at === undefined) return movedInFrame(geometry, { xPx, yPx }, frame);
    return keptInFrame(moveHandle(geometry, handle, { xPx: at.xPx + xPx, yPx: at.yPx + yPx }), frame);
  }
  if (key === "+" || key === "=") return keptInFrame(scaleGeometry(geometry, 1.05), frame);
  if (key === "-") return scaleGeometry(geometry, 1 / 1.05);
  if (key === ",") return keptInFrame(turned(geometry, -turnStepRad), frame);
  if (key === ".") return keptInFrame(turned(geometry, turnStepRad), frame);
  return undefined;
}
