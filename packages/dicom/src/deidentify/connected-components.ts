export interface GlyphBox {
  readonly left: number;
  readonly top: number;
  /** Excluded. */
  readonly right: number;
  readonly bottom: number;
  readonly pixelCount: number;
}

/** Boxes of the 8-connected components of non-zero pixels, by union-find over the runs of each row. */
export function connectedBoxes(mask: Uint8Array, widthPx: number): GlyphBox[] {
  const starts: number[] = [];
  const ends: number[] = [];
  const rows: number[] = [];
  const parents: number[] = [];
  const find = (index: number): number => {
    let root = index;
    while (parents[root] !== root) {
      parents[root] = parents[parents[root]!]!;
      root = parents[root]!;
    }
    return root;
  };
  let above = 0;
  const heightPx = mask.length / widthPx;
  const words = wordsOf(mask);
  for (let row = 0; row < heightPx; row++) {
    const rowStart = starts.length;
    const offset = row * widthPx;
    for (let column = 0; column < widthPx; column++) {
      const index = offset + column;
      if (mask[index] === 0) {
        // Nearly all pixels are 0: four of them at a look.
        if (index % 4 === 0 && column + 4 <= widthPx && words[index / 4] === 0) column += 3;
        continue;
      }
      const start = column;
      while (column < widthPx && mask[offset + column] !== 0) column++;
      const run = starts.length;
      starts.push(start);
      ends.push(column);
      rows.push(row);
      parents.push(run);
      // 8-connected: a run above touches also where it only meets at a corner.
      while (above < rowStart && ends[above]! < start) above++;
      for (let other = above; other < rowStart && starts[other]! <= column; other++) {
        const first = find(other);
        const second = find(run);
        parents[Math.max(first, second)] = Math.min(first, second);
      }
    }
    above = rowStart;
  }
  return toBoxes({ starts, ends, rows }, find);
}

/** The mask by four pixels each; of none where the mask begins inside a word. */
function wordsOf({ buffer, byteLength, byteOffset }: Uint8Array): Uint32Array {
  if (byteOffset % 4 !== 0) return new Uint32Array(0);
  return new Uint32Array(buffer, byteOffset, Math.floor(byteLength / 4));
}

function toBoxes(
  runs: {
    readonly starts: readonly number[];
    readonly ends: readonly number[];
    readonly rows: readonly number[];
  },
  find: (index: number) => number,
): GlyphBox[] {
  const boxes = new Map<
    number,
    { left: number; top: number; right: number; bottom: number; pixelCount: number }
  >();
  for (let run = 0; run < runs.starts.length; run++) {
    const root = find(run);
    const start = runs.starts[run]!;
    const end = runs.ends[run]!;
    const row = runs.rows[run]!;
    const box = boxes.get(root);
    if (box === undefined) {
      boxes.set(root, { left: start, top: row, right: end, bottom: row + 1, pixelCount: end - start });
    } else {
      box.left = Math.min(box.left, start);
      box.right = Math.max(box.right, end);
      box.bottom = row + 1;
      box.pixelCount += end - start;
    }
  }
  return [...boxes.values()];
}
