import type { DatasetManifest } from "@crossread/contracts/dataset-manifest";

const numbered: Readonly<Record<string, string>> = { "1": "A", "2": "B", "3": "C", "4": "D" };

/**
 * The density as A to D where the data set counts by BI-RADS, else in its own words with its name before them: the D of
 * MIAS is dense-glandular, not BI-RADS D. A number that is none of 1 to 4 says nothing, and surely not A.
 */
export function dataSetDensity(
  source: DatasetManifest["source"],
  density: string | undefined,
): string | null {
  const text = (density ?? "").trim();
  if (text === "") return null;
  if (source === "mias") return `MIAS ${text}`;
  if (/^[A-D]$/i.test(text)) return text.toUpperCase();
  return numbered[text] ?? null;
}
