/** Marks ↔ graphics of PS3.3 C.18.6 and C.10.5: column\row from the corner of the first pixel, single precision. */
import { DomainError } from "@crossread/contracts/errors";
import { type MarkGeometry, markGeometrySchema } from "@crossread/contracts/mark";

export interface MarkGraphic {
  readonly type: "POINT" | "ELLIPSE" | "POLYLINE";
  /** x, y of each point, as stored. */
  readonly data: Float32Array;
}

interface Frame {
  readonly widthPx: number;
  readonly heightPx: number;
}

const outlinePointCount = 64;

/**
 * The graphic that shows a mark. A circle is an ellipse, a polygon a closed polyline. Graphic coordinates must lie in
 * the image (0\0 to Columns\Rows), so that an ellipse over its border becomes its outline, held at the border.
 */
export function toGraphic(geometry: MarkGeometry, frame: Frame): MarkGraphic {
  const points = graphicPoints(geometry);
  const isInside = points.every(([x, y]) => x >= 0 && y >= 0 && x <= frame.widthPx && y <= frame.heightPx);
  if (geometry.shape === "point") return graphic("POINT", points, frame);
  if (geometry.shape === "polygon") return graphic("POLYLINE", points, frame);
  return isInside ? graphic("ELLIPSE", points, frame) : graphic("POLYLINE", outline(geometry), frame);
}

type Point = readonly [x: number, y: number];
type Round = Extract<MarkGeometry, { shape: "circle" | "ellipse" }>;

function graphicPoints(geometry: MarkGeometry): readonly Point[] {
  if (geometry.shape === "point") return [[geometry.xPx, geometry.yPx]];
  if (geometry.shape === "polygon") {
    const points = geometry.points.map(({ xPx, yPx }): Point => [xPx, yPx]);
    return [...points, ...points.slice(0, 1)];
  }
  const { radiusXPx, radiusYPx } = radii(geometry);
  const quarter = Math.PI / 2;
  // C.18.6.1.2: end points of the major axis, then of the minor one.
  const start = radiusXPx >= radiusYPx ? 0 : quarter;
  return [0, 2, 1, 3].map((turn) => pointOf(geometry, start + turn * quarter));
}

const radii = (geometry: Round) =>
  geometry.shape === "circle"
    ? { radiusXPx: geometry.radiusPx, radiusYPx: geometry.radiusPx, rotationRad: 0 }
    : geometry;

function pointOf(geometry: Round, angleRad: number): Point {
  const { radiusXPx, radiusYPx, rotationRad } = radii(geometry);
  const [x, y] = [radiusXPx * Math.cos(angleRad), radiusYPx * Math.sin(angleRad)];
  const [cos, sin] = [Math.cos(rotationRad), Math.sin(rotationRad)];
  return [geometry.xPx + x * cos - y * sin, geometry.yPx + x * sin + y * cos];
}

const outline = (geometry: Round): Point[] =>
  Array.from({ length: outlinePointCount + 1 }, (_, index) =>
    pointOf(geometry, ((index % outlinePointCount) * 2 * Math.PI) / outlinePointCount),
  );

function graphic(type: MarkGraphic["type"], points: readonly Point[], frame: Frame): MarkGraphic {
  const held = points.flatMap(([x, y]) => [
    Math.min(Math.max(x, 0), frame.widthPx),
    Math.min(Math.max(y, 0), frame.heightPx),
  ]);
  return { type, data: Float32Array.from(held) };
}

/** Single precision cannot hold every coordinate and an ellipse's rotation: the numbers as drawn go along. */
export const geometryText = (geometry: MarkGeometry): string => JSON.stringify(geometry);

/**
 * The mark as drawn, if the graphic that another program would show is still the one that belongs to it.
 *
 * @throws {DomainError} "image-unreadable" where text and graphic disagree: one of them was changed
 */
export function parseGeometry(
  json: string,
  shown: MarkGraphic,
  { markId, ...frame }: Frame & { readonly markId: string },
): MarkGeometry {
  const parsed = markGeometrySchema.safeParse(parseJson(json));
  const expected = parsed.success ? toGraphic(parsed.data, frame) : undefined;
  // Other programs may write the numbers anew; a thousandth of a pixel is below what anybody can draw.
  const isSame =
    expected?.type === shown.type &&
    expected.data.length === shown.data.length &&
    expected.data.every((value, index) => Math.abs(value - shown.data[index]!) <= 1e-3);
  if (!parsed.success || !isSame) {
    throw new DomainError(
      "image-unreadable",
      `The graphic of mark ${markId} is not the one of its recorded geometry: one of them was changed.`,
    );
  }
  return parsed.data;
}

export function parseJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
