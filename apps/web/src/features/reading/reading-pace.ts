import { duration } from "../../components/format.ts";

const minuteMs = 60_000;

/** How long the reader takes, and what is left at this pace: an estimate, so without seconds. */
export function paceOf(medianMs: number | null, caseCount: number): string[] {
  if (medianMs === null) return [];
  const median = `median ${duration(medianMs)} per case`;
  return caseCount === 0 ? [median] : [median, timeLeft(medianMs * caseCount)];
}

function timeLeft(leftMs: number): string {
  const minutes = Math.round(leftMs / minuteMs);
  if (minutes < 1) return "less than a minute left";
  const hours = Math.floor(minutes / 60);
  const parts = [...(hours > 0 ? [`${hours} h`] : []), ...(minutes % 60 > 0 ? [`${minutes % 60} min`] : [])];
  return `about ${parts.join(" ")} left`;
}
