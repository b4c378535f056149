import type { MarkKind } from "@crossread/contracts/mark";
import { setBackgroundProgress } from "@crossread/db/background-job-writes";
import { countReferencedCases } from "@crossread/db/demonstration-seed";
import { storeDataSetReference, storeInstance } from "@crossread/db/ingest";
import type { ReferencedStudy } from "../tasks/task-contracts.ts";
import type { WorkerContext } from "../worker-context.ts";
import { demonstrationJobId } from "./continue-demonstration.ts";

interface FilledSite {
  readonly siteId: string;
  readonly code: string;
}

/** Generates what the sites lack; a study that is there already is found by its UIDs and stays. */
export async function fillSites(
  context: WorkerContext,
  sites: readonly FilledSite[],
  signal: AbortSignal,
): Promise<void> {
  const { db, demonstration } = context;
  const total = sites.length * demonstration.casesPerSite;
  const done = new Map<string, number>();
  const failed = new AbortController();
  const fill = async (site: FilledSite) => {
    const siteIndex = demonstration.siteCodes.indexOf(site.code);
    if ((await countReferencedCases(db, site.siteId)) >= demonstration.casesPerSite) return;
    const input = {
      siteIndex,
      caseCount: demonstration.casesPerSite,
      seed: demonstration.seed,
      difficulty: demonstration.difficulty,
      malignantFraction: demonstration.malignantFraction,
      frame: demonstration.frame,
    };
    await context.children.run("generate-phantoms", input, {
      signal: AbortSignal.any([signal, failed.signal]),
      onEvent: async (study) => {
        await storeStudy(context, site.siteId, study);
        done.set(site.code, (done.get(site.code) ?? 0) + 1);
        const count = [...done.values()].reduce((sum, one) => sum + one, 0);
        await setBackgroundProgress(db, demonstrationJobId, {
          progress: (0.35 * count) / total,
          message: `Generating studies, ${count} of ${total}`,
        });
      },
    });
  };
  try {
    await Promise.all(sites.map((site) => context.children.useSlot(() => fill(site), signal)));
  } catch (error) {
    failed.abort();
    throw error;
  }
}

/** Same path as an upload's files, and the truth that only a data set knows. */
async function storeStudy(context: WorkerContext, siteId: string, study: ReferencedStudy): Promise<void> {
  let caseId: string | undefined;
  const lesions: Parameters<typeof storeDataSetReference>[1]["lesions"][number][] = [];
  for (const { file, lesions: marks } of study.files) {
    const stored = await storeInstance(context.db, siteId, file);
    if (!stored.ok) throw new Error(`A generated file was refused: ${stored.message}`);
    caseId = stored.caseId;
    for (const mark of marks) {
      lesions.push({ instanceId: stored.instanceId, kind: markKindOf(mark.kind), mark });
    }
  }
  if (caseId === undefined) return;
  await storeDataSetReference(context.db, {
    caseId,
    density: study.density,
    findings: study.findings,
    lesions,
  });
}

/** Data sets name lesions in more words than a reader's mark has kinds. */
export function markKindOf(kind: string): MarkKind {
  if (/calcification/i.test(kind)) return "calcification";
  if (/mass|circ|spic/i.test(kind)) return "mass";
  if (/asym/i.test(kind)) return "asymmetry";
  if (/arch|distortion/i.test(kind)) return "architectural-distortion";
  return "other";
}
