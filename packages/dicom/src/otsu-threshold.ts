const binCount = 256;

/**
 * Threshold between dark and bright that maximises the variance between the two classes.
 *
 * σ²(t) = ω₀(t) · ω₁(t) · (μ₀(t) − μ₁(t))² over a histogram of 256 bins; the first maximum wins
 *
 * @param values - any shape, in [0, 1]
 * @returns upper edge of the darker class's last bin, in (0, 1); values above it are bright. undefined if all values share one bin
 * @complexity O(n + 256)
 * @source N. Otsu, IEEE Trans. SMC 9:62 (1979)
 */
export function otsuThreshold(values: Float32Array): number | undefined {
  const histogram = new Float64Array(binCount);
  for (let index = 0; index < values.length; index++) histogram[binOf(values[index]!)]!++;
  let totalSum = 0;
  for (let bin = 0; bin < binCount; bin++) totalSum += bin * histogram[bin]!;
  let darkCount = 0;
  let darkSum = 0;
  let best = 0;
  let bestBin: number | undefined;
  for (let bin = 0; bin < binCount - 1; bin++) {
    darkCount += histogram[bin]!;
    darkSum += bin * histogram[bin]!;
    const brightCount = values.length - darkCount;
    if (darkCount === 0 || brightCount === 0) continue;
    const difference = darkSum / darkCount - (totalSum - darkSum) / brightCount;
    const betweenVariance = darkCount * brightCount * difference * difference;
    if (betweenVariance > best) {
      best = betweenVariance;
      bestBin = bin;
    }
  }
  return bestBin === undefined ? undefined : (bestBin + 1) / binCount;
}

function binOf(value: number): number {
  return Math.min(Math.floor(value * binCount), binCount - 1);
}
