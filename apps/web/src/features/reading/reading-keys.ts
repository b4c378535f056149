import { mapKeys, markKeys, viewerKeys } from "../viewer/viewer-keys.ts";
import type { KeyGroup } from "./cheat-sheet.tsx";

export const readingKeys: readonly KeyGroup[] = [
  {
    title: "Reading",
    keys: [
      { keys: "R · L", does: "BI-RADS of the right or left breast: type the digit, 4 again for 4B and 4C" },
      { keys: "Tab", does: "on to the suspicion: type 0–100" },
      { keys: "D", does: "density: type A–D" },
      { keys: "C", does: "comment" },
      { keys: "Q", does: "questions about the map" },
      { keys: "Ctrl ⏎", does: "lock, later submit and open the next case" },
      { keys: "⇧ Q", does: "put the reminder of the session away" },
      { keys: "?", does: "this sheet" },
    ],
  },
  { title: "Images", keys: viewerKeys },
  { title: "Marks", keys: markKeys },
  { title: "Saliency map", keys: mapKeys },
];

/** Where a letter puts the focus. */
export const focusKeys: Readonly<Record<string, string>> = {
  r: "R",
  l: "L",
  d: "density",
  c: "comment",
  q: "map",
  k: "mark",
};
