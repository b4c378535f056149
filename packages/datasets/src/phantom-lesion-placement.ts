import type { Random } from "@crossread/metrics/random";
import { projectPosition, type BreastPosition, type BreastProjection } from "./phantom-breast.ts";
import { sampleLesionKinds, sampleLesionShape, type PhantomLesion } from "./phantom-lesion.ts";
import { muscleDistanceMm } from "./phantom-pectoral.ts";
import { outlineDistanceMm } from "./phantom-skin-distance.ts";

export interface LesionPlacement {
  readonly finding: "benign" | "malignant";
  readonly difficulty: number;
  readonly projections: readonly BreastProjection[];
  readonly random: Random;
}

const attemptCount = 200;

/** Lesions of one breast; a specked mass keeps its calcifications inside, separate lesions stay apart. */
export function sampleBreastLesions(placement: LesionPlacement): PhantomLesion[] {
  const { random, difficulty } = placement;
  const lesions: PhantomLesion[] = [];
  for (const kind of sampleLesionKinds(placement.finding, random)) {
    const shape = sampleLesionShape(kind, { difficulty, random });
    const host = kind === "clustered-microcalcifications" ? lesions[0] : undefined;
    if (host !== undefined) {
      lesions.push({ ...shape, radiusMm: Math.min(shape.radiusMm, host.radiusMm), position: host.position });
      continue;
    }
    const position = samplePosition(placement, { radiusMm: shape.radiusMm, neighbours: lesions });
    if (position !== undefined) lesions.push({ ...shape, position });
  }
  return lesions;
}

interface PositionRequest {
  readonly radiusMm: number;
  readonly neighbours: readonly PhantomLesion[];
}

/** The first lesion of a breast always finds a place: the roomiest of all tries stands in when none fits. */
function samplePosition(placement: LesionPlacement, request: PositionRequest): BreastPosition | undefined {
  const { projections, random } = placement;
  let roomiest: BreastPosition | undefined;
  let mostRoomMm = -Infinity;
  for (let attempt = 0; attempt < attemptCount; attempt++) {
    const depthMm = projections[0]?.depthMm ?? 0;
    const candidate: BreastPosition = {
      behindNippleMm: depthMm * (0.22 + 0.55 * random.next()),
      lateralMm: depthMm * (0.08 + 0.3 * random.normal()),
      superiorMm: depthMm * (0.08 + 0.3 * random.normal()),
    };
    const isApart = request.neighbours.every(
      ({ position, radiusMm }) => separationMm(position, candidate) > 1.4 * (radiusMm + request.radiusMm),
    );
    if (!isApart) continue;
    const roomMm = Math.min(...projections.map((projection) => roomAround(projection, candidate)));
    if (roomMm >= 1.15 * request.radiusMm + 5) return candidate;
    if (roomMm > mostRoomMm) {
      mostRoomMm = roomMm;
      roomiest = candidate;
    }
  }
  return request.neighbours.length === 0 ? roomiest : undefined;
}

/** Distance in mm to the nearest of skin, pectoral muscle and image edge. */
function roomAround(projection: BreastProjection, position: BreastPosition): number {
  const point = projectPosition(projection, position);
  const skin = outlineDistanceMm(projection.outline, point);
  const muscle =
    projection.pectoral === undefined
      ? Infinity
      : -muscleDistanceMm(projection.pectoral, point.xMm, point.yMm);
  return Math.min(skin, muscle, point.xMm);
}

/** In either view: lesions that project onto each other count as close. */
function separationMm(a: BreastPosition, b: BreastPosition): number {
  const behind = a.behindNippleMm - b.behindNippleMm;
  return Math.min(
    Math.hypot(behind, a.lateralMm - b.lateralMm),
    Math.hypot(behind, a.superiorMm - b.superiorMm),
  );
}
