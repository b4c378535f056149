export interface KeyHelp {
  readonly keys: string;
  readonly does: string;
}

export const viewerKeys: readonly KeyHelp[] = [
  { keys: "4 · 2 · 1", does: "four views, CC or MLO pair, single image" },
  { keys: "← →", does: "previous or next image, or the other pair" },
  { keys: "W · H · Z", does: "drag to window, move, zoom" },
  { keys: "wheel", does: "zoom" },
  { keys: "F · O", does: "fit, one image pixel on one screen pixel" },
  { keys: "I", does: "invert" },
];

export const markKeys: readonly KeyHelp[] = [
  { keys: "E", does: "draw an ellipse (Shift: circle)" },
  { keys: "P", does: "set a point" },
  { keys: "G", does: "draw a polygon, double click ends it" },
  { keys: "Delete", does: "delete the selected mark" },
  { keys: "Ctrl Z · Ctrl Shift Z", does: "undo, redo" },
  { keys: "Esc", does: "put the drawing tool away" },
];

export const mapKeys: readonly KeyHelp[] = [
  { keys: "M · B", does: "show or hide the map, blink it" },
  { keys: "[ ]", does: "less or more opaque" },
];

const typingElements = new Set(["INPUT", "SELECT", "TEXTAREA"]);

/** Keys that belong to a control that has the focus; arrows move through radio buttons, letters do not. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement && target.type === "radio") return false;
  return typingElements.has(target.tagName) || target.isContentEditable;
}

/** Asks the document: a dialog's `close` event comes only after the next key may have arrived. */
export const isDialogOpen = (): boolean => document.querySelector("dialog[open]") !== null;

/** For `ref`: listens on the window while the element is mounted. */
export const listeningForKeys = (handle: (event: KeyboardEvent) => void) => (element: HTMLElement | null) => {
  if (element === null) return;
  window.addEventListener("keydown", handle);
  return () => window.removeEventListener("keydown", handle);
};
