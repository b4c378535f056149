export interface KeyHelp {
  readonly keys: string;
  readonly does: string;
}

export const viewerKeys: readonly KeyHelp[] = [
  { keys: "4 · 2 · 1", does: "four views, CC or MLO pair, single image" },
  { keys: "3", does: "the prior beside the present image" },
  { keys: "← →", does: "previous or next image, or the other pair" },
  { keys: ", .", does: "previous or next pane: keys work on it" },
  { keys: "W · H · Z", does: "drag to window, move, zoom; the wheel zooms" },
  { keys: "7 · 8 · 9", does: "window full, dense, fatty" },
  { keys: "F · O", does: "fit, one image pixel on one screen pixel" },
  { keys: "Space", does: "next tile one to one, Shift: the one before" },
  { keys: "T", does: "tile map: in sight, and seen one to one" },
  { keys: "Y", does: "same views move and zoom together" },
  { keys: "X", does: "magnifier, moved by mouse or ← ↑ → ↓" },
  { keys: "I · J", does: "invert all, flip this pane" },
];

export const markKeys: readonly KeyHelp[] = [
  { keys: "E · P · G · S", does: "ellipse, point, polygon, freehand" },
  { keys: "← ↑ → ↓", does: "move the cross, with Shift by one pixel" },
  { keys: "Enter", does: "set a corner, start or end freehand" },
  { keys: "Shift Enter", does: "close the polygon; Backspace takes a corner back" },
  { keys: "N", does: "next mark; the arrows then move it" },
  { keys: "Enter · + −", does: "of a chosen mark: next handle; larger, smaller" },
  { keys: "K", does: "its finding, descriptors, conspicuity" },
  { keys: "Delete", does: "delete the chosen mark" },
  { keys: "Ctrl Z", does: "undo, with Shift redo" },
  { keys: "Esc", does: "put the tool away, back to the images" },
];

export const mapKeys: readonly KeyHelp[] = [
  { keys: "M · B", does: "show or hide the map, blink it" },
  { keys: "[ ] · { }", does: "opacity, threshold" },
  { keys: "U · V", does: "contour, side by side" },
  { keys: "5", does: "map of the other class" },
  { keys: "A", does: "what the model saw" },
];

const typingElements = new Set(["INPUT", "SELECT", "TEXTAREA"]);

/** Keys that belong to a control that has the focus; arrows move through radio buttons, letters do not. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement && target.type === "radio") return false;
  return typingElements.has(target.tagName) || target.isContentEditable;
}

/** Keys by which a button, a link or a radio button is pressed. */
export function isPressing(event: KeyboardEvent): boolean {
  if (event.key !== " " && event.key !== "Enter") return false;
  return event.target instanceof HTMLElement && event.target.closest("button, a, input, summary") !== null;
}

/** A character that this keyboard writes with AltGr is a character, not a shortcut of the browser. */
export const isShortcut = (event: KeyboardEvent): boolean =>
  (event.ctrlKey || event.metaKey || event.altKey) && !event.getModifierState("AltGraph");

/** Asks the document: a dialog's `close` event comes only after the next key may have arrived. */
export const isDialogOpen = (): boolean => document.querySelector("dialog[open]") !== null;

/** For `ref`: listens on the window while the element is mounted. */
export const listeningForKeys = (handle: (event: KeyboardEvent) => void) => (element: HTMLElement | null) => {
  if (element === null) return;
  window.addEventListener("keydown", handle);
  return () => window.removeEventListener("keydown", handle);
};
