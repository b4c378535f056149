import type { ExportedCase, ExportedReaderStudy, ExportedReading } from "@crossread/db/reader-study-export";
import { decodePng } from "@crossread/dicom/png";
import { writeParametricMap } from "@crossread/dicom/structured/parametric-map";
import { writePresentationState } from "@crossread/dicom/structured/presentation-state";
import type { ReadingRecord } from "@crossread/dicom/structured/reading-record";
import { writeReadingReport } from "@crossread/dicom/structured/reading-report";
import { readReferencedImage, type ReferencedImage } from "@crossread/dicom/structured/referenced-image";
import type { ObjectStore } from "@crossread/storage/object-store";
import { readerPseudonym } from "./reader-pseudonym.ts";

export interface ExportedFile {
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly at: Date;
}

export function toRecord(readerStudyId: string, reading: ExportedReading): ReadingRecord {
  return {
    readingId: reading.readingId,
    readerStudyId,
    readerPseudonym: readerPseudonym(readerStudyId, reading.readerId),
    condition: reading.condition,
    lockedAt: reading.lockedAt.toISOString(),
    durationMs: reading.durationMs,
    answers: reading.answers,
    mapRating: reading.mapRating,
  };
}

/** A report for each reading, a presentation state for each image that it marks, and the case's maps, one after another. */
export async function* caseObjects(
  store: ObjectStore,
  study: ExportedReaderStudy,
  one: ExportedCase,
): AsyncGenerator<ExportedFile> {
  const images: ReferencedImage[] = [];
  for (const { blobKey, instanceId } of one.images) {
    images.push(readReferencedImage(await store.get(blobKey), instanceId));
  }
  for (const reading of one.readings) {
    const record = toRecord(study.readerStudyId, reading);
    const folder = `${one.caseId}/${record.readerPseudonym}`;
    const at = reading.lockedAt;
    yield { path: `${folder}/${record.condition}.dcm`, bytes: await writeReadingReport(record, images), at };
    for (const image of images) {
      const marks = record.answers.marks.filter(({ instanceId }) => instanceId === image.instanceId);
      if (marks.length === 0) continue;
      const { condition, lockedAt, readerPseudonym: reader, readerStudyId, readingId } = record;
      const statement = { condition, lockedAt, readerStudyId, readingId, instanceId: image.instanceId };
      yield {
        path: `${folder}/${condition}-marks-${image.instanceId}.dcm`,
        bytes: await writePresentationState({ ...statement, readerPseudonym: reader, marks }, image),
        at,
      };
    }
  }
  for (const { blobKey, createdAt, ...map } of one.maps) {
    const image = images.find(({ instanceId }) => instanceId === map.instanceId);
    if (image === undefined) continue;
    const properties = {
      ...map,
      checkpointId: study.checkpointId,
      checkpointName: study.checkpointName,
      createdAt: createdAt.toISOString(),
    };
    const values = await decodePng(await store.get(blobKey), `map ${map.mapId}`);
    yield {
      path: `${one.caseId}/maps/${map.mapId}.dcm`,
      bytes: await writeParametricMap({ properties, values }, image),
      at: createdAt,
    };
  }
}
