import type { StoredMapMeasures } from "@crossread/contracts/reader-study-analysis";
import type { Database } from "./database.ts";

export interface MapMeasureKey {
  readonly mapId: string;
  /** "reference", "none", or the id of the reading whose marks they are. */
  readonly target: string;
}

export interface MapMeasureRow extends MapMeasureKey {
  /** Of the map and of the marks. */
  readonly inputDigest: string;
}

export async function listMapMeasures(db: Database, readerStudyId: string): Promise<MapMeasureRow[]> {
  const rows = await db.readerStudyMapMeasures.findMany({
    where: { readerStudyId },
    select: { saliencyMapId: true, target: true, inputDigest: true },
  });
  return rows.map(({ saliencyMapId, ...row }) => ({ mapId: saliencyMapId, ...row }));
}

/** JSON as text, in a fixed order: whoever computes with them parses them. */
export async function loadMapMeasures(
  db: Database,
  readerStudyId: string,
): Promise<(MapMeasureKey & { readonly measures: string })[]> {
  return db.$queryRaw`
    SELECT saliency_map_id AS "mapId", target, measures::text AS measures
    FROM reader_study_map_measures WHERE reader_study_id = ${readerStudyId}::uuid
    ORDER BY saliency_map_id, target`;
}

/** The same inputs give the same measures: whoever comes second writes what is there. */
export async function storeMapMeasures(
  db: Database,
  readerStudyId: string,
  rows: readonly (MapMeasureRow & { readonly measures: StoredMapMeasures })[],
): Promise<void> {
  await db.$executeRaw`
    INSERT INTO reader_study_map_measures (reader_study_id, saliency_map_id, target, input_digest, measures)
    SELECT ${readerStudyId}::uuid, (row->>'mapId')::uuid, row->>'target', row->>'inputDigest', row->'measures'
    FROM jsonb_array_elements(${JSON.stringify(rows)}::jsonb) AS row
    ON CONFLICT (reader_study_id, saliency_map_id, target)
    DO UPDATE SET input_digest = EXCLUDED.input_digest, measures = EXCLUDED.measures`;
}

/** What belongs to a map or to marks that are there no more. */
export async function forgetMapMeasures(
  db: Database,
  readerStudyId: string,
  keys: readonly MapMeasureKey[],
): Promise<void> {
  await db.$executeRaw`
    DELETE FROM reader_study_map_measures m
    USING jsonb_array_elements(${JSON.stringify(keys)}::jsonb) AS row
    WHERE m.reader_study_id = ${readerStudyId}::uuid
      AND m.saliency_map_id = (row->>'mapId')::uuid AND m.target = row->>'target'`;
}
