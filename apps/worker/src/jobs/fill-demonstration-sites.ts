import type { DatasetSource } from "@crossread/contracts/dataset-source";
import type { MarkKind } from "@crossread/contracts/mark";
import { setBackgroundProgress } from "@crossread/db/background-job-writes";
import { countReferencedCases } from "@crossread/db/demonstration-seed";
import { storeDataSetReference } from "@crossread/db/ingest";
import { storeInstance } from "@crossread/db/store-instances";
import type { ReferencedStudy } from "../tasks/task-contracts.ts";
import type { WorkerContext } from "../worker-context.ts";
import { demonstrationJobId } from "./continue-demonstration.ts";

interface FilledSite {
  readonly siteId: string;
  readonly code: string;
}

/** Real films where a directory of them is named, phantoms else; a study that is there already stays. */
export async function fillSites(
  context: WorkerContext,
  sites: readonly FilledSite[],
  signal: AbortSignal,
): Promise<void> {
  const { dataset } = context;
  if (dataset === undefined) await generatePhantoms(context, sites, signal);
  else await importFilms(context, { sites, dataset }, signal);
}

async function generatePhantoms(
  context: WorkerContext,
  sites: readonly FilledSite[],
  signal: AbortSignal,
): Promise<void> {
  const { db, demonstration } = context;
  const total = sites.length * demonstration.casesPerSite;
  let done = 0;
  const failed = new AbortController();
  const fill = async (site: FilledSite) => {
    if ((await countReferencedCases(db, site.siteId)) >= demonstration.casesPerSite) {
      done += demonstration.casesPerSite;
      return;
    }
    const input = {
      siteIndex: demonstration.siteCodes.indexOf(site.code),
      caseCount: demonstration.casesPerSite,
      seed: demonstration.seed,
      difficulty: demonstration.difficulty,
      malignantFraction: demonstration.malignantFraction,
      benignFraction: demonstration.benignFraction,
      frame: demonstration.frame,
    };
    await context.children.run("generate-phantoms", input, {
      signal: AbortSignal.any([signal, failed.signal]),
      onEvent: async (study) => {
        await storeStudy(context, site.siteId, study);
        done += 1;
        await showFilling(context, { done, total, verb: "Generating" });
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

async function importFilms(
  context: WorkerContext,
  source: { sites: readonly FilledSite[]; dataset: DatasetSource },
  signal: AbortSignal,
): Promise<void> {
  const { demonstration } = context;
  const input = {
    dataset: source.dataset,
    siteCount: demonstration.siteCodes.length,
    seed: demonstration.seed,
  };
  let done = 0;
  const run = () =>
    context.children.run("import-films", input, {
      signal,
      onEvent: async ({ siteIndex, study, total }) => {
        const code = demonstration.siteCodes[siteIndex];
        const site = source.sites.find((candidate) => candidate.code === code);
        if (site === undefined) throw new Error(`The demonstration has no site ${code ?? siteIndex}`);
        await storeStudy(context, site.siteId, study);
        done += 1;
        await showFilling(context, { done, total, verb: "Importing" });
      },
    });
  await context.children.useSlot(run, signal);
}

const showFilling = (
  context: WorkerContext,
  shown: { done: number; total: number; verb: string },
): Promise<void> =>
  setBackgroundProgress(context.db, demonstrationJobId, {
    progress: (0.35 * shown.done) / shown.total,
    message: `${shown.verb} studies, ${shown.done} of ${shown.total}`,
  });

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
  if (/mass/i.test(kind)) return "mass";
  if (/asymmetry/i.test(kind)) return "asymmetry";
  if (/distortion/i.test(kind)) return "architectural-distortion";
  return "other";
}
