export interface Sampling {
  readonly alignCorners: boolean;
  readonly halfPixelCenters: boolean;
}

/** For one axis: the share of each source element (column) in each resized element (row). */
export type ShareTable = (sampling: Sampling, from: number, to: number) => Float32Array;

function scale({ alignCorners }: Sampling, from: number, to: number): number {
  return alignCorners && to > 1 ? (from - 1) / (to - 1) : from / to;
}

export const bilinearShares: ShareTable = (sampling, from, to) => {
  const shares = new Float32Array(to * from);
  for (let row = 0; row < to; row++) {
    const step = scale(sampling, from, to);
    const center = sampling.halfPixelCenters ? step * (row + 0.5) - 0.5 : step * row;
    const position = Math.max(0, center);
    const low = Math.min(from - 1, Math.floor(position));
    const high = Math.min(from - 1, low + 1);
    const share = position - low;
    shares[row * from + low]! += 1 - share;
    shares[row * from + high]! += share;
  }
  return shares;
};

export function nearestPositions(sampling: Sampling, from: number, to: number): number[] {
  return Array.from({ length: to }, (_, row) => {
    const position = scale(sampling, from, to) * (sampling.halfPixelCenters ? row + 0.5 : row);
    const nearest = sampling.alignCorners ? Math.round(position) : Math.floor(position);
    return Math.max(0, Math.min(from - 1, nearest));
  });
}

export const nearestShares: ShareTable = (sampling, from, to) => {
  const shares = new Float32Array(to * from);
  nearestPositions(sampling, from, to).forEach((position, row) => {
    shares[row * from + position] = 1;
  });
  return shares;
};
