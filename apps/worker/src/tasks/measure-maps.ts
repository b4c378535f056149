import { errorCodes, isDomainError } from "@crossread/contracts/errors";
import type { StoredMapMeasures } from "@crossread/contracts/reader-study-analysis";
import { decodePng } from "@crossread/dicom/png";
import { measureMap } from "@crossread/metrics/map-localisation-summary";
import { isMetricInputError } from "@crossread/metrics/metric-input-error";
import { marksOnMap, rasteriseMarks, type Mark } from "@crossread/metrics/mark-mask";
import type { SaliencyMap } from "@crossread/metrics/localisation";
import { overlapThresholds, regionRule } from "../reader-study/map-rules.ts";
import type { TaskContext } from "./task-context.ts";
import type { TaskInput, TaskOutput } from "./task-contracts.ts";

type MarkedMap = TaskInput<"measure-maps">["maps"][number];
type Target = MarkedMap["targets"][number];

/** Every map against each set of marks: decoded once, measured as often as marks were made on its image. */
export async function measureMaps(
  input: TaskInput<"measure-maps">,
  context: TaskContext<"measure-maps">,
): Promise<TaskOutput<"measure-maps">> {
  for (const { blobKey, image, mapId, targets } of input.maps) {
    const map = await readMap(context, { blobKey, mapId });
    if (map === undefined) continue;
    await context.emit({
      mapId,
      measures: targets.map((target) => ({
        target: target.target,
        inputDigest: target.inputDigest,
        measures: measuresOf(map, image, target),
      })),
    });
  }
  return { count: input.maps.length };
}

/** A map that cannot be read is left out and counted: it hides no other. */
async function readMap(
  { store }: TaskContext<"measure-maps">,
  { blobKey, mapId }: Pick<MarkedMap, "blobKey" | "mapId">,
): Promise<SaliencyMap | undefined> {
  try {
    return await decodePng(await store.get(blobKey), `map ${mapId}`);
  } catch (error) {
    if (isDomainError(error) && !errorCodes[error.code].retryable) return undefined;
    throw error;
  }
}

function measuresOf(map: SaliencyMap, image: MarkedMap["image"], target: Target): StoredMapMeasures {
  const placed = target.marks.map(({ geometry, kind }) => ({
    kind,
    mark: marksOnMap([geometry], image, map)[0]!,
  }));
  const inside = placed.filter(({ mark }) => liesOnMap(map, mark));
  const kinds = inside.map(({ kind }) => kind);
  const outsideMarkCount = placed.length - inside.length;
  try {
    const { marked, regions } = measureMap(
      map,
      inside.map(({ mark }) => mark),
      { thresholds: overlapThresholds, regionRule },
    );
    const { marks, missedMarkCount, spuriousRegionCount } = regions;
    const counted = { regions: { marks: [...marks], missedMarkCount, spuriousRegionCount } };
    return {
      measures:
        marked === undefined
          ? counted
          : { marked: { ...marked, overlaps: [...marked.overlaps] }, ...counted },
      kinds,
      outsideMarkCount,
    };
  } catch (error) {
    if (isMetricInputError(error) && error.code === "flat-map")
      return { measures: null, kinds, outsideMarkCount };
    throw error;
  }
}

function liesOnMap(map: SaliencyMap, mark: Mark): boolean {
  try {
    rasteriseMarks(map, [mark]);
    return true;
  } catch (error) {
    if (isMetricInputError(error) && error.code === "mark-outside-map") return false;
    throw error;
  }
}
