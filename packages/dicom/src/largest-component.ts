/** A row's stretch of foreground pixels: columns from start up to end, end excluded. */
interface Run {
  readonly row: number;
  readonly start: number;
  readonly end: number;
}

export interface Component {
  /** 1 inside the component, row-major. */
  readonly mask: Uint8Array;
  readonly pixelCount: number;
  readonly boundingBox: BoundingBox;
}

/** Pixels from the top-left corner of the image. */
export interface BoundingBox {
  readonly xPx: number;
  readonly yPx: number;
  readonly widthPx: number;
  readonly heightPx: number;
}

/** Largest 4-connected component of non-zero pixels; the topmost of equals; undefined where there is none. */
export function largestComponent(mask: Uint8Array, widthPx: number): Component | undefined {
  const runs = findRuns(mask, widthPx);
  const parents = joinTouchingRuns(runs);
  const sizes = new Float64Array(runs.length);
  runs.forEach(({ start, end }, index) => (sizes[rootOf(parents, index)]! += end - start));
  let largest = -1;
  for (let index = 0; index < sizes.length; index++) {
    if (sizes[index]! > (sizes[largest] ?? 0)) largest = index;
  }
  if (largest < 0) return undefined;
  const members = runs.filter((_, index) => rootOf(parents, index) === largest);
  const own = new Uint8Array(mask.length);
  for (const { row, start, end } of members) own.fill(1, row * widthPx + start, row * widthPx + end);
  return { mask: own, pixelCount: sizes[largest]!, boundingBox: boundingBoxOf(members) };
}

function findRuns(mask: Uint8Array, widthPx: number): Run[] {
  const runs: Run[] = [];
  for (let row = 0; row * widthPx < mask.length; row++) {
    const offset = row * widthPx;
    let column = 0;
    while (column < widthPx) {
      while (column < widthPx && mask[offset + column] === 0) column++;
      const start = column;
      while (column < widthPx && mask[offset + column] !== 0) column++;
      if (column > start) runs.push({ row, start, end: column });
    }
  }
  return runs;
}

/** Union-find over runs that overlap a run of the row above; both lists are walked once. */
function joinTouchingRuns(runs: readonly Run[]): Int32Array {
  const parents = Int32Array.from(runs, (_, index) => index);
  let above = 0;
  for (let index = 0; index < runs.length; index++) {
    const run = runs[index]!;
    while (isBefore(runs[above]!, run)) above++;
    for (let other = above; other < index; other++) {
      const candidate = runs[other]!;
      if (candidate.row !== run.row - 1 || candidate.start >= run.end) break;
      const [low, high] = [rootOf(parents, other), rootOf(parents, index)].toSorted((a, b) => a - b);
      parents[high!] = low!;
    }
  }
  return parents;
}

/** Whether a run ends too early to touch the given run or any later one. */
function isBefore(candidate: Run, run: Run): boolean {
  return candidate.row < run.row - 1 || (candidate.row === run.row - 1 && candidate.end <= run.start);
}

function rootOf(parents: Int32Array, index: number): number {
  let root = index;
  while (parents[root] !== root) {
    parents[root] = parents[parents[root]!]!;
    root = parents[root]!;
  }
  return root;
}

function boundingBoxOf(runs: readonly Run[]): BoundingBox {
  const box = { left: Number.POSITIVE_INFINITY, top: Number.POSITIVE_INFINITY, right: 0, bottom: 0 };
  for (const { row, start, end } of runs) {
    box.left = Math.min(box.left, start);
    box.right = Math.max(box.right, end);
    box.top = Math.min(box.top, row);
    box.bottom = Math.max(box.bottom, row + 1);
  }
  return { xPx: box.left, yPx: box.top, widthPx: box.right - box.left, heightPx: box.bottom - box.top };
}
