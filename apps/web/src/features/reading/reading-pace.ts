import { duration } from "../../components/format.ts";

const minuteMs = 60_000;

/** How long the reader takes, and what is left at this pace: an estimate, so without seconds. */
export function paceOf(medianMs: number | null, caseCount: number): string[] {
  if (medianMs === null) return [];
  const median = `median ${duration(medianMs)} per case`;
  if (caseCount === 0) return [median];
  const leftMs = medianMs * caseCount;
  return [median, leftMs < minuteMs / 2 ? "less than a minute left" : `about ${inMinutes(leftMs)} left`];
}

/** Of an estimate, which has no seconds. */
export function inMinutes(milliseconds: number): string {
  const minutes = Math.round(milliseconds / minuteMs);
  const hours = Math.floor(minutes / 60);
  const rest = minutes % 60;
  if (hours === 0) return `${rest} min`;
  return rest === 0 ? `${hours} h` : `${hours} h ${rest} min`;
}
