import { setTimeout as wait } from "node:timers/promises";
import { DomainError, isDomainError } from "@crossread/contracts/errors";
import { quantile } from "@crossread/metrics/quantile";
import { storeBatch } from "../send/stow-client.ts";
import { formatTable } from "../output.ts";
import {
  chosenCodings,
  type CodingChoice,
  copyStudy,
  detectorFrame,
  makeTemplates,
  type StudyTemplate,
} from "./ingest-studies.ts";
import { startOrthanc } from "./orthanc-peer.ts";

export interface PlatformIngestSettings {
  /** Address of the DICOMweb service of a platform that does nothing else meanwhile. */
  readonly url: string;
  /** May write and read. */
  readonly token: string;
  readonly studies: number;
  readonly rounds: number;
  readonly pixelSizeMm: number;
  readonly transferSyntax: CodingChoice;
  /** Tells this run's studies from those of every other. */
  readonly run: number;
  readonly onProgress: (line: string) => void;
}

export interface PlatformIngest {
  readonly title: string;
  readonly studies: number;
  readonly images: number;
  readonly megabytes: number;
  readonly codings: readonly string[];
  readonly blocks: readonly Block[];
  /** Images a second over all blocks. */
  readonly perSecond: { readonly ours: number; readonly answered: number; readonly orthanc: number };
  /** Our rate divided by Orthanc's: over all blocks, and the median of the blocks. */
  readonly ratio: { readonly whole: number; readonly blocks: number };
}

interface Block {
  readonly images: number;
  /** Seconds until the last image was ingested, and until the last request was answered. */
  readonly ours: number;
  readonly answered: number;
  readonly orthanc: number;
}

const requestsAtOnce = 4;
const pollMs = 100;
const stalledMs = 10 * 60_000;

/** STOW and everything that the platform does with a study, against Orthanc's STOW, in blocks one after the other. */
export async function benchPlatformIngest(settings: PlatformIngestSettings): Promise<PlatformIngest> {
  const { onProgress, rounds, studies } = settings;
  const frame = detectorFrame(settings.pixelSizeMm);
  const codings = chosenCodings(settings.transferSyntax);
  const templates = await makeTemplates(frame, codings, onProgress);
  await using orthanc = await startOrthanc();
  const ours = { url: settings.url, token: settings.token };
  const theirs = { url: orthanc.url, token: "none" };
  // The first study finds nothing warm on either side.
  await measureOurs(templates, { ...ours, run: settings.run, first: 0, count: 2 });
  await send(templates, { ...theirs, run: settings.run, first: 0, count: 2 });
  const blocks: Block[] = [];
  const perBlock = Math.ceil(studies / rounds);
  for (let first = 2; first < studies + 2; first += perBlock) {
    const work = { run: settings.run, first, count: Math.min(perBlock, studies + 2 - first) };
    const runOurs = () => measureOurs(templates, { ...ours, ...work });
    const runTheirs = () => send(templates, { ...theirs, ...work });
    // In opposite order every other block, so that what else the machine does falls on both.
    const isOursFirst = blocks.length % 2 === 0;
    const early = isOursFirst ? undefined : await runTheirs();
    const { answered, ingested } = await runOurs();
    const orthancSeconds = early ?? (await runTheirs());
    const images = work.count * (templates[0]?.files.length ?? 0);
    blocks.push({ images, ours: ingested, answered, orthanc: orthancSeconds });
    onProgress(
      `Block ${blocks.length}: ${images} images, ours ${ingested.toFixed(1)} s (answered ${answered.toFixed(1)} s), Orthanc ${orthancSeconds.toFixed(1)} s`,
    );
  }
  const total = (value: (block: Block) => number) => blocks.reduce((sum, block) => sum + value(block), 0);
  const images = total((block) => block.images);
  const bytes = templates.map(({ files }) => files.reduce((sum, file) => sum + file.bytes.length, 0));
  return {
    title: `STOW and whole ingest against Orthanc's STOW, ${frame.widthPx} × ${frame.heightPx} px`,
    studies,
    images,
    megabytes: (bytes.reduce((sum, size) => sum + size, 0) / bytes.length / 1e6) * studies,
    codings: codings.map(({ name }) => name),
    blocks,
    perSecond: {
      ours: images / total((block) => block.ours),
      answered: images / total((block) => block.answered),
      orthanc: images / total((block) => block.orthanc),
    },
    ratio: {
      whole: total((block) => block.orthanc) / total((block) => block.ours),
      blocks: quantile(
        blocks.map((block) => block.orthanc / block.ours),
        0.5,
      ),
    },
  };
}

interface Work {
  readonly url: string;
  readonly token: string;
  readonly run: number;
  readonly first: number;
  readonly count: number;
}

/** Seconds until the last request was answered; a request carries one study. */
async function send(templates: readonly StudyTemplate[], work: Work): Promise<number> {
  const start = performance.now();
  let next = work.first;
  async function lane(): Promise<void> {
    for (let study = next++; study < work.first + work.count; study = next++) {
      const refused = await storeBatch(copyStudy(templates, { run: work.run, study }), {
        url: work.url,
        token: work.token,
        wait,
      });
      if (refused.length > 0) {
        throw new DomainError("conflict", `${work.url} refused ${refused.length} images of study ${study}.`);
      }
    }
  }
  await Promise.all(Array.from({ length: requestsAtOnce }, () => lane()));
  return (performance.now() - start) / 1_000;
}

async function measureOurs(
  templates: readonly StudyTemplate[],
  work: Work,
): Promise<{ answered: number; ingested: number }> {
  const before = await countInstances(work);
  const wanted = before + work.count * (templates[0]?.files.length ?? 0);
  const start = performance.now();
  const answered = await send(templates, work);
  let [count, changedAt] = [before, performance.now()];
  while (count < wanted) {
    await wait(pollMs);
    const now = await countInstances(work);
    if (now !== count) [count, changedAt] = [now, performance.now()];
    if (performance.now() - changedAt > stalledMs) {
      throw new DomainError(
        "conflict",
        `The platform ingested ${count - before} of ${wanted - before} images.`,
      );
    }
  }
  return { answered, ingested: (performance.now() - start) / 1_000 };
}

const attempts = 5;

async function countInstances(work: Pick<Work, "url" | "token">): Promise<number> {
  for (let attempt = 1; ; attempt++) {
    try {
      const response = await fetch(`${work.url}/instances?limit=0`, {
        headers: { authorization: `Bearer ${work.token}` },
      });
      const count = response.headers.get("x-total-count");
      if (response.ok && count !== null) return Number(count);
      throw new DomainError(
        "conflict",
        `${work.url} answered ${response.status} to a search: may the token read?`,
      );
    } catch (error) {
      // A server may close a connection that it kept open just when it is used again.
      if (isDomainError(error) || attempt === attempts) throw error;
      await wait(pollMs);
    }
  }
}

export function describePlatformIngest(result: PlatformIngest): string {
  const { blocks, codings, images, megabytes, perSecond, ratio, studies, title } = result;
  return [
    title,
    `${studies} studies, ${images} images, ${megabytes.toFixed(0)} MB, ${codings.join(", ")}; blocks in turn`,
    formatTable(
      ["images", "ours, whole ingest s", "ours, answered s", "Orthanc s", "ratio"],
      blocks.map((block) => [
        String(block.images),
        block.ours.toFixed(2),
        block.answered.toFixed(2),
        block.orthanc.toFixed(2),
        (block.orthanc / block.ours).toFixed(3),
      ]),
    ),
    `Images a second: ours ${perSecond.ours.toFixed(2)} (answered ${perSecond.answered.toFixed(2)}), Orthanc ${perSecond.orthanc.toFixed(2)}`,
    `Rate, ours / Orthanc: ${ratio.whole.toFixed(3)} over all blocks, median of blocks ${ratio.blocks.toFixed(3)}`,
  ].join("\n");
}
