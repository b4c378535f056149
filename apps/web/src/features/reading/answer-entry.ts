import type { Laterality } from "@crossread/contracts/dataset-manifest";
import { biradsOrder, type Birads, type ReadingAnswers } from "@crossread/contracts/reading";

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
