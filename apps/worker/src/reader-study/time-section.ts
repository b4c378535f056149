import type { ReaderStudyAnalysis } from "@crossread/contracts/reader-study-analysis";
import { MetricInputError } from "@crossread/metrics/metric-input-error";
import { quantile, resampledMedian } from "@crossread/metrics/quantile";
import { estimates, orReason, type StudyScope } from "./study-scope.ts";
import { conditions } from "./study-tables.ts";

/** Time of a reading by condition, of all readers who finished and of each. */
export function timeSection(scope: StudyScope): ReaderStudyAnalysis["times"] {
  return orReason(() => {
    if (scope.complete.length === 0) throw new MetricInputError("empty", "No reader has finished.");
    const complete = new Set(scope.complete);
    return [null, ...scope.complete].flatMap((reader) =>
      conditions.toReversed().map((condition) => {
        const readings = scope.tables.readings.filter(
          (reading) =>
            reading.condition === condition &&
            (reader === null ? complete.has(reading.readerIndex) : reading.readerIndex === reader),
        );
        const times = readings.map(({ durationMs }) => durationMs);
        const estimate = estimates(
          new Map([["median", resampledMedian(times)]]),
          {
            clusterIds: readings.map(({ caseIndex }) => scope.tables.subjectIds[caseIndex]!),
            reason: "There is no reading.",
          },
          scope.resampling,
        );
        return {
          reader,
          condition,
          count: times.length,
          p10: quantile(times, 0.1),
          p25: quantile(times, 0.25),
          median: quantile(times, 0.5),
          p75: quantile(times, 0.75),
          p90: quantile(times, 0.9),
          medianInterval: estimate("median"),
        };
      }),
    );
  });
}
