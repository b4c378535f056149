import { scaleOf, turnOf, type CopyTransform } from "@crossread/contracts/copy-transform";

/**
 * CSS matrix that lays the second image over the first, both drawn with their longest side at sidePx and the origin at
 * their top-left corner: the inverse of the transform that was found.
 */
export function alignSecond(
  transform: CopyTransform,
  first: { readonly widthPx: number; readonly heightPx: number },
  sidePx: number,
): string {
  const { a, b, isMirrored, tx, ty } = transform;
  const squared = a * a + b * b;
  const [alongX, alongY] = [a / squared, b / squared];
  const shiftX = -(alongX * tx + alongY * ty) * sidePx;
  const shiftY = -(alongX * ty - alongY * tx) * sidePx;
  // x' = alongX·x + alongY·y + shiftX, y' = −alongY·x + alongX·y + shiftY; then the mirror of the first image.
  if (!isMirrored) return matrix([alongX, -alongY, alongY, alongX, shiftX, shiftY]);
  const widthPx = (sidePx * first.widthPx) / Math.max(first.widthPx, first.heightPx);
  return matrix([-alongX, -alongY, -alongY, alongX, widthPx - shiftX, shiftY]);
}

const matrix = (values: readonly number[]): string =>
  `matrix(${values.map((value) => Number(value.toFixed(6))).join(", ")})`;

/** What was done to the image, in words: "mirrored, turned 90°, 0.9 times the size". */
export function describeTransform(transform: CopyTransform): string {
  const turn = Math.round(turnOf(transform));
  const scale = scaleOf(transform);
  const parts = [
    transform.isMirrored ? "mirrored" : "",
    Math.abs(turn) < 1 ? "" : `turned ${turn}°`,
    Math.abs(scale - 1) < 0.015 ? "" : `${scale.toFixed(2)} times the size`,
  ].filter((part) => part !== "");
  return parts.length === 0 ? "same orientation and size" : parts.join(", ");
}
