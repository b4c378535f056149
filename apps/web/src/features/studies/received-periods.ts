/** A period without a study is a gap in the chart, not a missing column. */
export function everyPeriod(
  values: readonly { value: string; studyCount: number }[],
): { value: string; studyCount: number }[] {
  const sorted = values.toSorted((a, b) => (a.value < b.value ? -1 : 1));
  const [first, last] = [sorted[0]?.value, sorted.at(-1)?.value];
  if (first === undefined || last === undefined) return [];
  const counts = new Map(sorted.map(({ value, studyCount }) => [value, studyCount]));
  const periods: { value: string; studyCount: number }[] = [];
  for (let period = first; period <= last && periods.length < 400; period = following(period)) {
    periods.push({ value: period, studyCount: counts.get(period) ?? 0 });
  }
  return periods;
}

function following(period: string): string {
  const [year = 0, month = 1, day] = period.split("-").map(Number);
  const next =
    day === undefined ? new Date(Date.UTC(year, month)) : new Date(Date.UTC(year, month - 1, day + 1));
  return next.toISOString().slice(0, period.length);
}
