import { createRandom } from "@crossread/metrics/random";

export interface DrawableCase {
  readonly caseId: string;
  /** Cases of one stratum (site × reference finding) are interchangeable for the design. */
  readonly stratum: string;
}

/** Draws up to `limit` cases, one from each stratum in turn, so that a short study still spans sites and findings. */
export function drawCases(cases: readonly DrawableCase[], limit: number, seed: number): string[] {
  const random = createRandom(seed);
  const ordered = cases.toSorted((a, b) => (a.caseId < b.caseId ? -1 : 1));
  const queues = [...new Set(cases.map((drawable) => drawable.stratum))]
    .toSorted()
    .map((stratum) =>
      random.fork(`stratum/${stratum}`).shuffle(ordered.filter((drawable) => drawable.stratum === stratum)),
    );
  const drawn: string[] = [];
  for (let turn = 0; drawn.length < Math.min(limit, cases.length); turn++) {
    for (const queue of queues) {
      const next = queue[turn];
      if (next !== undefined && drawn.length < limit) drawn.push(next.caseId);
    }
  }
  return drawn;
}

/** The order in which one reader sees the cases: a permutation that depends on the seed and the reader's place only. */
export function shuffleForReader(
  caseIds: readonly string[],
  seed: number,
  readerIndex: number,
): readonly string[] {
  return createRandom(seed).fork(`reader/${readerIndex}`).shuffle(caseIds);
}
