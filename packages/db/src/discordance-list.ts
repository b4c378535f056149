import type { Finding, Laterality } from "@crossread/contracts/dataset-manifest";
import type { DiscordanceKind, DiscordanceRules } from "@crossread/contracts/discordance";
import { DomainError } from "@crossread/contracts/errors";
import type { Birads } from "@crossread/contracts/reading";
import { countKinds, loadRules, type ChosenRules } from "./arbitration-queue.ts";
import type { Database } from "./database.ts";
import { loadStudyBreasts, type StudyBreast } from "./discordance-breasts.ts";
import { fromDiscordanceKindRow } from "./discordance-row.ts";
import { discordancesOf, type FoundDiscordance } from "./discordance-rules.ts";
import { loadReaderAssessments, type ReaderAssessment } from "./reader-assessments.ts";

export interface DiscordanceQuery {
  readonly readerStudyId: string;
  readonly viewerId: string;
  /** Used until a queue is open; then its own rules hold. */
  readonly rules: ChosenRules;
  readonly kind?: DiscordanceKind;
  readonly siteId?: string;
  readonly offset: number;
  readonly pageSize: number;
}

interface Assessment {
  readonly birads: Birads;
  readonly suspicion: number;
}

/** A discordant breast with what every reader said of it. */
export interface DiscordantBreast {
  readonly caseId: string;
  readonly caseLabel: string;
  readonly siteId: string;
  readonly laterality: Laterality;
  readonly discordances: readonly FoundDiscordance[];
  readonly readers: readonly {
    readonly readerName: string;
    readonly unaided: Assessment | null;
    readonly aided: Assessment | null;
  }[];
  readonly finding: Finding | null;
  readonly score: number | null;
  readonly earlierScore: number | null;
  readonly arbitration: { readonly arbitratorName: string; readonly state: ArbitrationState } | null;
}

export type ArbitrationState = "waiting" | "begun" | "decided";

export interface ArbitratorProgress {
  readonly userId: string;
  readonly name: string;
  readonly caseCount: number;
  readonly decidedCount: number;
  /** Handed over after the own reading was locked. */
  readonly supersededCount: number;
  readonly medianDurationMs: number | null;
}

export interface OpenQueue {
  readonly openedAt: Date;
  readonly openedByName: string | null;
  readonly seed: number;
  readonly caseCount: number;
  readonly controlCount: number;
  readonly decidedCount: number;
  readonly arbitrators: readonly ArbitratorProgress[];
}

export interface DiscordanceList {
  /** Null before arbitration was opened: the rest is then what would be found. */
  readonly queue: OpenQueue | null;
  readonly rules: DiscordanceRules;
  readonly breastCount: number;
  readonly caseCount: number;
  readonly discordantBreastCount: number;
  readonly discordantCaseCount: number;
  /** Of the chosen site, every kind; and of the chosen kind, every site. */
  readonly countsByKind: Readonly<Record<DiscordanceKind, number>>;
  readonly countsBySite: readonly {
    readonly siteId: string;
    readonly name: string;
    readonly count: number;
  }[];
  readonly totalCount: number;
  readonly rows: readonly DiscordantBreast[];
  /** Cases that the viewer is still blind to, in none of the numbers. */
  readonly hiddenCaseCount: number;
}

/** Discordances of a closed study: those on record, or before that those that the rules find. */
export async function listDiscordances(db: Database, query: DiscordanceQuery): Promise<DiscordanceList> {
  const { readerStudyId } = query;
  const study = await db.readerStudy.findUnique({
    where: { id: readerStudyId },
    select: { name: true, state: true },
  });
  if (study === null) throw new DomainError("not-found", `There is no reader study ${readerStudyId}.`);
  if (study.state !== "closed") {
    throw new DomainError(
      "conflict",
      `Discordances are looked for once a reader study is closed, but "${study.name}" is ${study.state}.`,
    );
  }
  const rules = await loadRules(db, readerStudyId, query.rules);
  const [all, queue] = await Promise.all([loadStudyBreasts(db, query, rules), loadQueue(db, readerStudyId)]);
  const breasts = all.filter(({ isHidden }) => !isHidden);
  const found = breasts.flatMap((breast): FoundBreast[] => {
    const discordances =
      queue === undefined
        ? discordancesOf(breast, rules)
        : (queue.recorded.get(`${breast.caseId} ${breast.laterality}`) ?? []);
    return discordances.length === 0 ? [] : [{ breast, discordances }];
  });
  const isOfKind = ({ discordances }: FoundBreast) =>
    query.kind === undefined || discordances.some(({ kind }) => kind === query.kind);
  const isOfSite = ({ breast }: FoundBreast) => query.siteId === undefined || breast.siteId === query.siteId;
  const chosen = found.filter((each) => isOfKind(each) && isOfSite(each));
  const page = chosen.slice(query.offset, query.offset + query.pageSize);
  const assessments = await loadReaderAssessments(db, {
    readerStudyId,
    caseIds: [...new Set(page.map(({ breast }) => breast.caseId))],
  });
  return {
    queue: queue?.open ?? null,
    rules,
    breastCount: breasts.length,
    caseCount: countCases(breasts),
    discordantBreastCount: found.length,
    discordantCaseCount: countCases(found.map(({ breast }) => breast)),
    countsByKind: countKinds(found.filter(isOfSite).flatMap(({ discordances }) => discordances)),
    countsBySite: await countSites(db, breasts, found.filter(isOfKind)),
    totalCount: chosen.length,
    rows: page.map(({ breast, discordances }) => ({
      caseId: breast.caseId,
      caseLabel: breast.caseLabel,
      siteId: breast.siteId,
      laterality: breast.laterality,
      discordances,
      readers: toReaders(
        assessments.filter(
          ({ caseId, laterality }) => caseId === breast.caseId && laterality === breast.laterality,
        ),
      ),
      finding: breast.finding,
      score: breast.score,
      earlierScore: breast.earlierScore,
      arbitration: queue?.arbitrations.get(breast.caseId) ?? null,
    })),
    hiddenCaseCount: countCases(all) - countCases(breasts),
  };
}

interface FoundBreast {
  readonly breast: StudyBreast;
  readonly discordances: readonly FoundDiscordance[];
}

const countCases = (breasts: readonly { readonly caseId: string }[]): number =>
  new Set(breasts.map(({ caseId }) => caseId)).size;

async function countSites(
  db: Database,
  breasts: readonly StudyBreast[],
  found: readonly FoundBreast[],
): Promise<DiscordanceList["countsBySite"]> {
  const sites = await db.site.findMany({
    where: { id: { in: [...new Set(breasts.map(({ siteId }) => siteId))] } },
    orderBy: { code: "asc" },
    select: { id: true, name: true },
  });
  return sites.map(({ id, name }) => ({
    siteId: id,
    name,
    count: found.filter(({ breast }) => breast.siteId === id).length,
  }));
}

function toReaders(readings: readonly ReaderAssessment[]): DiscordantBreast["readers"] {
  const of = (readerId: string, condition: "unaided" | "aided"): Assessment | null => {
    const reading = readings.find((each) => each.readerId === readerId && each.condition === condition);
    return reading === undefined ? null : { birads: reading.birads, suspicion: reading.suspicion };
  };
  const names = new Map(readings.map(({ readerId, readerName }) => [readerId, readerName]));
  return [...names]
    .toSorted(([, a], [, b]) => a.localeCompare(b, "en"))
    .map(([readerId, readerName]) => ({
      readerName,
      unaided: of(readerId, "unaided"),
      aided: of(readerId, "aided"),
    }));
}

interface StoredQueue {
  readonly open: OpenQueue;
  /** By case and breast. */
  readonly recorded: ReadonlyMap<string, readonly FoundDiscordance[]>;
  readonly arbitrations: ReadonlyMap<string, DiscordantBreast["arbitration"]>;
}

async function loadQueue(db: Database, readerStudyId: string): Promise<StoredQueue | undefined> {
  const queue = await db.arbitrationQueue.findUnique({
    where: { readerStudyId },
    select: {
      id: true,
      openedAt: true,
      seed: true,
      opener: { select: { name: true } },
      discordances: { orderBy: { kind: "asc" } },
      arbitrations: {
        where: { supersededAt: null },
        select: {
          caseId: true,
          decidedAt: true,
          arbitrator: { select: { name: true } },
          _count: { select: { readings: true } },
        },
      },
    },
  });
  if (queue === null) return undefined;
  const recorded = new Map<string, FoundDiscordance[]>();
  for (const { caseId, kind, laterality, statement } of queue.discordances) {
    const key = `${caseId} ${laterality}`;
    recorded.set(key, [...(recorded.get(key) ?? []), { kind: fromDiscordanceKindRow(kind), statement }]);
  }
  const discordantIds = new Set(queue.discordances.map(({ caseId }) => caseId));
  return {
    open: {
      openedAt: queue.openedAt,
      openedByName: queue.opener?.name ?? null,
      seed: queue.seed,
      caseCount: queue.arbitrations.length,
      controlCount: queue.arbitrations.filter(({ caseId }) => !discordantIds.has(caseId)).length,
      decidedCount: queue.arbitrations.filter(({ decidedAt }) => decidedAt !== null).length,
      arbitrators: await loadProgress(db, queue.id),
    },
    recorded,
    arbitrations: new Map(
      queue.arbitrations.map(({ _count, arbitrator, caseId, decidedAt }) => [
        caseId,
        {
          arbitratorName: arbitrator.name,
          state: decidedAt !== null ? "decided" : _count.readings > 0 ? "begun" : "waiting",
        },
      ]),
    ),
  };
}

function loadProgress(db: Database, queueId: string): Promise<ArbitratorProgress[]> {
  return db.$queryRaw<ArbitratorProgress[]>`
    SELECT u.id AS "userId", u.name, (count(*) FILTER (WHERE a.superseded_at IS NULL))::int AS "caseCount",
      count(a.decided_at)::int AS "decidedCount", count(a.superseded_at)::int AS "supersededCount",
      (percentile_cont(0.5) WITHIN GROUP (ORDER BY t.duration_ms) FILTER (WHERE a.decided_at IS NOT NULL))::float8
        AS "medianDurationMs"
    FROM arbitrations a
    JOIN users u ON u.id = a.arbitrator_id
    CROSS JOIN LATERAL (
      SELECT sum(duration_ms) AS duration_ms FROM arbitration_readings WHERE arbitration_id = a.id
    ) t
    WHERE a.queue_id = ${queueId}::uuid
    GROUP BY u.id, u.name
    ORDER BY u.name, u.id`;
}
