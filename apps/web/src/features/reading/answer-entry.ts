import type { Laterality } from "@crossread/contracts/dataset-manifest";
import type { Birads, ReadingAnswers } from "@crossread/contracts/reading";

/** An enum's options lose their order where they look like array indices. */
export const biradsOrder: readonly Birads[] = ["0", "1", "2", "3", "4A", "4B", "4C", "5", "6"];

/** A digit chooses; 4 again goes on to 4B and 4C. */
export function nextBirads(key: string, current: Birads | null): Birads | undefined {
  const matching = biradsOrder.filter((value) => value.startsWith(key) && key.length === 1);
  const place = current === null ? -1 : matching.indexOf(current);
  return matching[(place + 1) % matching.length];
}

export function missingAnswers(answers: ReadingAnswers): string[] {
  const ofBreast = (laterality: Laterality) => {
    const { birads, suspicion } = answers.breasts[laterality];
    return [
      ...(birads === null ? [`${laterality} BI-RADS`] : []),
      ...(suspicion === null ? [`${laterality} suspicion`] : []),
    ];
  };
  return [...ofBreast("R"), ...ofBreast("L"), ...(answers.density === null ? ["density"] : [])];
}
