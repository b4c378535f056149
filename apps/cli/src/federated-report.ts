import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Leaderboard } from "@crossread/metrics/rank";
import { stringify } from "./csv-text.ts";
import type { RoundEvaluation } from "./federated-evaluation.ts";
import { formatTable } from "./output.ts";
import { reportTable } from "./report-table.ts";

const researchUseOnly = "Research use only; not for diagnosis.";

/** report.json, report.txt and the predictions that every number comes from. */
export async function writeReport(
  directory: string,
  content: { result: object; text: string; final: RoundEvaluation; threshold: number },
): Promise<void> {
  await mkdir(directory, { recursive: true });
  await writeFile(join(directory, "report.json"), `${JSON.stringify(content.result, undefined, 2)}\n`);
  await writeFile(join(directory, "report.txt"), `${content.text}\n`);
  const rows = content.final.sites.flatMap((site) =>
    site.predictions.map((prediction) => [
      String(prediction.label),
      String(prediction.score),
      prediction.subjectId,
      site.siteId,
    ]),
  );
  await writeFile(join(directory, "predictions.csv"), stringify(["label", "score", "patient", "site"], rows));
}

export function describeRun(final: RoundEvaluation, leaderboard: Leaderboard): string {
  const sites = final.sites.map(({ report, siteId }) => ({ name: siteId, report }));
  const board = [
    ...leaderboard.ranked.map((row) => [
      String(row.rank),
      row.id,
      row.value.toFixed(4),
      `${row.rankLower}–${row.rankUpper}`,
      String(row.tieGroup),
    ]),
    ...leaderboard.unranked.map((row) => ["–", row.id, "–", "–", row.reason]),
  ];
  return [
    `Checkpoint of round ${final.round} on the test splits (level: image, threshold ${final.threshold.toFixed(4)} chosen on ${final.thresholdChosenOn}; 95 % intervals, patient-clustered)`,
    reportTable([...sites, { name: "pooled", report: final.pooled }]),
    "",
    "Leaderboard by pooled DIP",
    formatTable(["Rank", "Checkpoint", "DIP", "Rank interval", "Tie group"], board),
    "",
    researchUseOnly,
  ].join("\n");
}
