import {
  mapMeasuresSchema,
  type MapRow,
  type ReaderStudyAnalysis,
  type StoredMapMeasures,
} from "@crossread/contracts/reader-study-analysis";
import {
  summariseMaps,
  type MapMeasures,
  type MapQuantity,
} from "@crossread/metrics/map-localisation-summary";
import { MetricInputError } from "@crossread/metrics/metric-input-error";
import { overlapThresholds } from "./map-rules.ts";
import { minimumSubjects, orReason, type StudyScope } from "./study-scope.ts";
import { conditions } from "./study-tables.ts";

type FindingType = Exclude<MapRow["findingType"], null>;

interface MeasuredMap {
  readonly subjectId: string;
  readonly measures: MapMeasures;
  /** Null where nothing is marked. */
  readonly findingType: FindingType | null;
}

/** The measures of a study by map and target, parsed once. */
export interface MeasureIndex {
  readonly find: (mapId: string, target: string) => StoredMapMeasures | undefined;
  readonly outsideMarkCount: number;
}

export function indexMeasures({ tables }: StudyScope): MeasureIndex {
  const byKey = new Map(
    tables.mapMeasures.map(({ mapId, measures, target }) => [
      `${mapId} ${target}`,
      mapMeasuresSchema.parse(JSON.parse(measures)),
    ]),
  );
  return {
    find: (mapId, target) => byKey.get(`${mapId} ${target}`),
    outsideMarkCount: [...byKey.values()].reduce((sum, { outsideMarkCount }) => sum + outsideMarkCount, 0),
  };
}

/** The model's maps of the class malignant against the reference standard's lesions and against what readers marked. */
export function mapSection(scope: StudyScope, measures: MeasureIndex): ReaderStudyAnalysis["maps"] {
  return orReason(() => {
    const { images } = scope.tables;
    const mapIds = images.flatMap(({ mapId }) => (mapId === null ? [] : [mapId]));
    if (mapIds.length === 0)
      throw new MetricInputError("empty", "The model has no map of an image of this study.");
    const row = rowMaker(scope);
    const reference = referenceMaps(scope, measures);
    const readers = readerMaps(scope, measures);
    const rows: MapRow[] = [
      ...withTypes(row, { kind: "reference" }, reference),
      ...withTypes(
        row,
        { kind: "reader", reader: null, condition: "unaided" },
        readers.flatMap(({ condition, maps }) => (condition === "unaided" ? maps : [])),
      ),
      row(
        { kind: "reader", reader: null, condition: "aided" },
        null,
        readers.flatMap(({ condition, maps }) => (condition === "aided" ? maps : [])),
      ),
      ...readers.map(({ condition, maps, reader }) => row({ kind: "reader", reader, condition }, null, maps)),
    ];
    return {
      imageCount: images.length,
      mapCount: mapIds.length,
      flatMapCount: mapIds.filter((mapId) => measures.find(mapId, "none")?.measures === null).length,
      unreadableMapCount: mapIds.filter((mapId) => measures.find(mapId, "none") === undefined).length,
      outsideMarkCount: measures.outsideMarkCount,
      unmarkedMalignantCount: images.filter(({ isMalignant, isMarked }) => isMalignant === true && !isMarked)
        .length,
      rows,
    };
  });
}

/** An image of a malignant breast without a mark says nothing: its lesion is somewhere. */
function referenceMaps({ tables }: StudyScope, measures: MeasureIndex): MeasuredMap[] {
  return tables.images.flatMap(({ caseIndex, isMalignant, isMarked, mapId }) => {
    if (mapId === null || isMalignant === null || isMalignant !== isMarked) return [];
    return measured(tables.subjectIds[caseIndex]!, measures.find(mapId, isMarked ? "reference" : "none"));
  });
}

/** An image without a mark of the reader is one on which the reader saw no lesion. */
function readerMaps(scope: StudyScope, measures: MeasureIndex) {
  const { tables } = scope;
  const imagesOf = new Map<number, string[]>();
  for (const { caseIndex, mapId } of tables.images) {
    if (mapId !== null) imagesOf.set(caseIndex, [...(imagesOf.get(caseIndex) ?? []), mapId]);
  }
  return scope.complete.flatMap((reader) =>
    conditions.toReversed().map((condition) => ({
      reader,
      condition,
      maps: tables.readings
        .filter((reading) => reading.readerIndex === reader && reading.condition === condition)
        .flatMap(({ caseIndex, readingId }) =>
          (imagesOf.get(caseIndex) ?? []).flatMap((mapId) =>
            measured(
              tables.subjectIds[caseIndex]!,
              measures.find(mapId, readingId) ?? measures.find(mapId, "none"),
            ),
          ),
        ),
    })),
  );
}

/** None where the map is 0 everywhere. */
function measured(subjectId: string, stored: StoredMapMeasures | undefined): MeasuredMap[] {
  if (stored === undefined || stored.measures === null) return [];
  const { marked, regions } = stored.measures;
  const kinds = [...new Set(stored.kinds)];
  const [kind] = kinds;
  return [
    {
      subjectId,
      measures: marked === undefined ? { regions } : { marked, regions },
      findingType: kind === undefined ? null : kinds.length === 1 ? kind : "mixed",
    },
  ];
}

type RowMaker = (
  target: MapRow["target"],
  findingType: MapRow["findingType"],
  maps: readonly MeasuredMap[],
) => MapRow;

/** All of them, and each type of finding that occurs. */
function withTypes(row: RowMaker, target: MapRow["target"], maps: readonly MeasuredMap[]): MapRow[] {
  const types = [...new Set(maps.flatMap(({ findingType }) => (findingType === null ? [] : [findingType])))];
  return [
    row(target, null, maps),
    ...types.toSorted().map((type) =>
      row(
        target,
        type,
        maps.filter(({ findingType }) => findingType === type),
      ),
    ),
  ];
}

function rowMaker(scope: StudyScope): RowMaker {
  return (target, findingType, maps) => ({
    target,
    findingType,
    result: orReason(() => summaryOf(scope, maps)),
  });
}

function summaryOf(
  scope: StudyScope,
  maps: readonly MeasuredMap[],
): Exclude<MapRow["result"], { undefined: string }> {
  const clusterIds = maps.map(({ subjectId }) => subjectId);
  const subjectCount = new Set(clusterIds).size;
  if (subjectCount < minimumSubjects) {
    throw new MetricInputError(
      "too-few-cases",
      `Maps of fewer than ${minimumSubjects} patients are not shown.`,
    );
  }
  const quantities = new Map(
    summariseMaps(
      maps.map(({ measures }) => measures),
      { clusterIds, ...scope.resampling },
    ).map((quantity) => [quantity.name, quantity]),
  );
  const quantity = (name: string) => {
    const found = quantities.get(name);
    return found === undefined ? null : withoutName(found);
  };
  return {
    subjectCount,
    mapCount: maps.length,
    markedMapCount: maps.filter(({ measures }) => measures.marked !== undefined).length,
    pointing: quantity("pointing"),
    energyInside: quantity("energy inside"),
    markShare: quantity("mark share"),
    marksFound: quantity("marks found"),
    spuriousPerMap: quantity("spurious regions per map"),
    spuriousPerUnmarkedMap: quantity("spurious regions per map without a mark"),
    overlaps: overlapThresholds.flatMap((threshold) => {
      const iou = quantity(`IoU at ${threshold}`);
      const dice = quantity(`Dice at ${threshold}`);
      return iou === null || dice === null ? [] : [{ threshold, iou, dice }];
    }),
  };
}

const withoutName = ({ name: _name, ...quantity }: MapQuantity) => quantity;
