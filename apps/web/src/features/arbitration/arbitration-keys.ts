import type { KeyGroup } from "../reading/cheat-sheet.tsx";
import { markKeys, viewerKeys } from "../viewer/viewer-keys.ts";

export const arbitrationKeys: readonly KeyGroup[] = [
  {
    title: "Arbitration",
    keys: [
      { keys: "R · L", does: "BI-RADS of the right or left breast: type the digit, 4 again for 4B and 4C" },
      { keys: "Tab", does: "on to the suspicion: type 0–100" },
      { keys: "D", does: "density: type A–D" },
      { keys: "C", does: "comment" },
      { keys: "M", does: "show or hide the marks of the other readings" },
      { keys: "Q", does: "to their marks: Space keeps one, Tab goes on" },
      { keys: "Ctrl ⏎", does: "lock the own reading, later decide and open the next case" },
      { keys: "⇧ Q", does: "put the reminder of the session away" },
      { keys: "?", does: "this sheet" },
    ],
  },
  { title: "Images", keys: viewerKeys },
  { title: "Marks", keys: markKeys },
];

/** Where a letter puts the focus. */
export const focusKeys: Readonly<Record<string, string>> = {
  r: "R",
  l: "L",
  d: "density",
  c: "comment",
  q: "readings",
  k: "mark",
};

/** Keys of the viewer that are about maps, of which there are none here. */
export const mapOnlyKeys: ReadonlySet<string> = new Set(["m", "b", "u", "v", "a", "5", "[", "]", "{", "}"]);
