import type { MarkGeometry } from "@crossread/contracts/mark";
import type { ExportedCase, ExportedReading } from "@crossread/db/reader-study-export";
import { lesionDescriptorsSchema } from "@crossread/contracts/reference-mark";
import { readerPseudonym } from "./reader-pseudonym.ts";

type Value = string | number | boolean | null | undefined;
type Row = Readonly<Record<string, Value>>;

export interface ReadingTable {
  readonly columns: readonly string[];
  readonly rows: (readerStudyId: string, one: ExportedCase) => readonly Row[];
}

/** One row for each breast of each locked reading. */
export const breastTable: ReadingTable = {
  columns: [
    "reader",
    "case",
    "study_instance_uid",
    "condition",
    "laterality",
    "suspicion",
    "birads",
    "density",
    "mark_count",
    "locked_at",
    "duration_ms",
    "comment",
    "lesion_inside_hot_area",
    "has_missed_lesion",
    "has_spurious_areas",
    "plausibility",
    "would_change_recall",
    "map_comment",
  ],
  rows: (readerStudyId, one) =>
    one.readings.flatMap((reading) =>
      (["R", "L"] as const).map((laterality) => {
        const { answers, mapRating } = reading;
        const lateralityOf = new Map(one.images.map((image) => [image.instanceId, image.laterality]));
        return {
          ...keyOf(readerStudyId, one, reading),
          laterality,
          suspicion: answers.breasts[laterality].suspicion,
          birads: answers.breasts[laterality].birads,
          density: answers.density,
          mark_count: answers.marks.filter((mark) => lateralityOf.get(mark.instanceId) === laterality).length,
          locked_at: reading.lockedAt.toISOString(),
          duration_ms: reading.durationMs,
          comment: answers.comment,
          lesion_inside_hot_area: mapRating?.lesionInsideHotArea,
          has_missed_lesion: mapRating?.hasMissedLesion,
          has_spurious_areas: mapRating?.hasSpuriousAreas,
          plausibility: mapRating?.plausibility,
          would_change_recall: mapRating?.wouldChangeRecall,
          map_comment: mapRating?.comment,
        };
      }),
    ),
};

const descriptorNames = lesionDescriptorsSchema.keyof().options;

/** One row for each mark of each locked reading; coordinates in pixels of the stored image. */
export const markTable: ReadingTable = {
  columns: [
    "reader",
    "case",
    "study_instance_uid",
    "condition",
    "mark",
    "sop_instance_uid",
    "laterality",
    "view",
    "kind",
    ...descriptorNames,
    "conspicuity",
    "geometry",
    "x_px",
    "y_px",
    "radius_x_px",
    "radius_y_px",
    "rotation_rad",
    "points",
  ],
  rows: (readerStudyId, one) =>
    one.readings.flatMap((reading) =>
      reading.answers.marks.map((mark) => {
        const image = one.images.find(({ instanceId }) => instanceId === mark.instanceId);
        return {
          ...keyOf(readerStudyId, one, reading),
          mark: mark.markId,
          sop_instance_uid: image?.sopInstanceUid,
          laterality: image?.laterality,
          view: image?.view,
          kind: mark.kind,
          ...mark.descriptors,
          conspicuity: mark.conspicuity,
          ...geometryColumns(mark.geometry),
        };
      }),
    ),
};

const keyOf = (readerStudyId: string, one: ExportedCase, reading: ExportedReading) => ({
  reader: readerPseudonym(readerStudyId, reading.readerId),
  case: one.caseId,
  study_instance_uid: one.studyInstanceUid,
  condition: reading.condition,
});

function geometryColumns(geometry: MarkGeometry): Row {
  if (geometry.shape === "polygon") {
    return {
      geometry: "polygon",
      points: geometry.points.map(({ xPx, yPx }) => `${xPx} ${yPx}`).join("; "),
    };
  }
  const place = { geometry: geometry.shape, x_px: geometry.xPx, y_px: geometry.yPx };
  if (geometry.shape === "point") return place;
  if (geometry.shape === "circle")
    return { ...place, radius_x_px: geometry.radiusPx, radius_y_px: geometry.radiusPx };
  const { radiusXPx, radiusYPx, rotationRad } = geometry;
  return { ...place, radius_x_px: radiusXPx, radius_y_px: radiusYPx, rotation_rad: rotationRad };
}

/** A row of RFC 4180; what a spreadsheet would take for a formula is made text. */
export function csvLine(values: readonly Value[]): string {
  return `${values.map(cell).join(",")}\r\n`;
}

function cell(value: Value): string {
  if (value === null || value === undefined) return "";
  const text = String(value);
  const safe = typeof value === "string" && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
