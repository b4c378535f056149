import {
  discordanceRulesSchema,
  type DiscordanceKind,
  type DiscordanceRules,
} from "@crossread/contracts/discordance";
import { DomainError } from "@crossread/contracts/errors";
import { createRandom } from "@crossread/metrics/random";
import { appendAudit } from "./audit.ts";
import { canonicalJson } from "./canonical-json.ts";
import type { Database, Transaction } from "./database.ts";
import { loadStudyBreasts } from "./discordance-breasts.ts";
import { toDiscordanceKindRow } from "./discordance-row.ts";
import { discordancesOf } from "./discordance-rules.ts";
import { toJsonColumn } from "./json-column.ts";
import { loadModelDecision } from "./model-decision.ts";

/** What an admin chooses; the model's operating point is looked up. */
export type ChosenRules = Omit<DiscordanceRules, "model">;

export interface ArbitrationPlan {
  readonly readerStudyId: string;
  readonly actorId: string;
  readonly rules: ChosenRules;
  readonly arbitratorIds: readonly string[];
  /** Concordant cases mixed in, so that readings that agree do not tell that model or reference disagree with them. */
  readonly controlCount: number;
  readonly seed: number;
  readonly now: Date;
}

export interface OpenedArbitration {
  readonly discordanceCount: number;
  readonly discordantCaseCount: number;
  readonly controlCount: number;
}

/** The rules of a study's queue: those it was opened with, else the chosen ones with the operating point of now. */
export async function loadRules(
  db: Database | Transaction,
  readerStudyId: string,
  chosen: ChosenRules,
): Promise<DiscordanceRules> {
  const queue = await db.arbitrationQueue.findUnique({ where: { readerStudyId }, select: { rules: true } });
  if (queue !== null) return discordanceRulesSchema.parse(queue.rules);
  const { earlier, model } = await loadModelDecision(db, readerStudyId);
  const { earlierCheckpointId } = chosen;
  if (earlierCheckpointId !== null && !earlier.some((each) => each.checkpointId === earlierCheckpointId)) {
    throw new DomainError(
      "plan-invalid",
      `Checkpoint ${earlierCheckpointId} is no earlier one of the same training run with scores of this study's images.`,
    );
  }
  return { ...chosen, model };
}

/** Opens the arbitration of a closed study, or adds what became discordant since; what is there stays as it is. */
export async function openArbitration(db: Database, plan: ArbitrationPlan): Promise<OpenedArbitration> {
  const { readerStudyId } = plan;
  return db.$transaction(
    async (tx) => {
      // One opening at a time: the second one finds what the first one made.
      const [study] = await tx.$queryRaw<{ name: string; state: string }[]>`
        SELECT name, state::text AS state FROM reader_studies WHERE id = ${readerStudyId}::uuid FOR UPDATE`;
      if (study === undefined) {
        throw new DomainError("not-found", `There is no reader study ${readerStudyId}.`);
      }
      if (study.state !== "closed") {
        throw new DomainError(
          "conflict",
          `Arbitration begins once a reader study is closed, but "${study.name}" is ${study.state}: its readers could learn of each other.`,
        );
      }
      const rules = await loadRules(tx, readerStudyId, plan.rules);
      assertSameRules(rules, plan.rules);
      const breasts = await loadStudyBreasts(tx, { readerStudyId, viewerId: null }, rules);
      const found = breasts.flatMap((breast) =>
        discordancesOf(breast, rules).map((discordance) => ({ ...breast, ...discordance })),
      );
      const queue = await findOrCreateQueue(tx, plan, rules);
      const present = new Set(
        (await tx.arbitration.findMany({ where: { queueId: queue.id }, select: { caseId: true } })).map(
          ({ caseId }) => caseId,
        ),
      );
      const discordant = new Set(found.map(({ caseId }) => caseId));
      const added = found.filter(({ caseId }) => !present.has(caseId));
      const addedCaseIds = [...new Set(added.map(({ caseId }) => caseId))];
      const concordant = [...new Set(breasts.map(({ caseId }) => caseId))].filter(
        (caseId) => !discordant.has(caseId) && !present.has(caseId),
      );
      const controls = queue.isNew
        ? createRandom(queue.seed).fork("controls").shuffle(concordant).slice(0, plan.controlCount)
        : [];
      if (queue.isNew && addedCaseIds.length === 0) {
        throw new DomainError("conflict", `Nothing in "${study.name}" is discordant by these rules.`);
      }
      await tx.discordance.createMany({
        data: added.map(({ caseId, kind, laterality, statement }) => ({
          queueId: queue.id,
          caseId,
          laterality,
          kind: toDiscordanceKindRow(kind),
          statement,
          createdAt: plan.now,
        })),
      });
      await assignArbitrators(tx, queue, { caseIds: [...addedCaseIds, ...controls], plan });
      await appendAudit(tx, {
        actorId: plan.actorId,
        siteId: null,
        action: queue.isNew ? "arbitration.open" : "arbitration.add",
        entityKind: "reader-study",
        entityId: readerStudyId,
        details: {
          rules: JSON.parse(JSON.stringify(rules)),
          arbitratorIds: plan.arbitratorIds,
          discordances: countKinds(added),
          caseCount: addedCaseIds.length,
          controlCount: controls.length,
          seed: queue.seed,
        },
      });
      return {
        discordanceCount: added.length,
        discordantCaseCount: addedCaseIds.length,
        controlCount: controls.length,
      };
    },
    { timeout: 60_000 },
  );
}

function assertSameRules(rules: DiscordanceRules, chosen: ChosenRules): void {
  const { model: _model, ...stored } = rules;
  const ordered = ({ kinds, ...rest }: ChosenRules) =>
    canonicalJson(JSON.parse(JSON.stringify({ kinds: kinds.toSorted(), ...rest })));
  if (ordered(stored) !== ordered(chosen)) {
    throw new DomainError(
      "conflict",
      "The arbitration of this study was opened with other rules, which stay: cases are added by the same ones.",
    );
  }
}

async function findOrCreateQueue(
  tx: Transaction,
  plan: ArbitrationPlan,
  rules: DiscordanceRules,
): Promise<{ id: string; seed: number; isNew: boolean }> {
  const { readerStudyId } = plan;
  const stored = await tx.arbitrationQueue.findUnique({
    where: { readerStudyId },
    select: { id: true, seed: true },
  });
  if (stored !== null) return { ...stored, isNew: false };
  const { id } = await tx.arbitrationQueue.create({
    data: {
      readerStudyId,
      seed: plan.seed,
      rules: toJsonColumn(rules),
      openedBy: plan.actorId,
      openedAt: plan.now,
    },
    select: { id: true },
  });
  return { id, seed: plan.seed, isNew: true };
}

/** Every case goes to the person with the fewest so far who may take it; each has an order of their own. */
async function assignArbitrators(
  tx: Transaction,
  queue: { readonly id: string; readonly seed: number },
  work: { readonly caseIds: readonly string[]; readonly plan: ArbitrationPlan },
): Promise<void> {
  const { caseIds, plan } = work;
  if (caseIds.length === 0) return;
  const eligible = await loadEligibility(tx, caseIds, plan.arbitratorIds);
  const placed = new Map(
    (
      await tx.arbitration.groupBy({
        by: ["arbitratorId"],
        where: { queueId: queue.id, supersededAt: null },
        _count: { _all: true },
      })
    ).map((row) => [row.arbitratorId, row._count._all]),
  );
  const assigned = new Map<string, string[]>();
  const orphans: string[] = [];
  const random = createRandom(queue.seed);
  for (const caseId of random.fork("cases").shuffle(caseIds.toSorted())) {
    const [next] = plan.arbitratorIds
      .filter((userId) => eligible.get(caseId)?.has(userId) === true)
      .toSorted((a, b) => (placed.get(a) ?? 0) - (placed.get(b) ?? 0));
    if (next === undefined) {
      orphans.push(caseId);
      continue;
    }
    placed.set(next, (placed.get(next) ?? 0) + 1);
    assigned.set(next, [...(assigned.get(next) ?? []), caseId]);
  }
  if (orphans.length > 0) {
    throw new DomainError(
      "plan-invalid",
      `Nobody of the chosen may arbitrate ${orphans.length} of ${caseIds.length} cases: an arbitrator is a radiologist of the case's site who has not read it and has no part in reading it.`,
    );
  }
  for (const [arbitratorId, own] of assigned) {
    const first = await findFreePosition(tx, { queueId: queue.id, arbitratorId });
    await tx.arbitration.createMany({
      data: random
        .fork(`arbitrator/${plan.arbitratorIds.indexOf(arbitratorId)}/${first}`)
        .shuffle(own)
        .map((caseId, index) => ({ queueId: queue.id, caseId, arbitratorId, position: first + index })),
    });
  }
}

/** Behind everything that an arbitrator has or gave away. */
export async function findFreePosition(
  tx: Transaction,
  key: { readonly queueId: string; readonly arbitratorId: string },
): Promise<number> {
  const last = await tx.arbitration.aggregate({ where: key, _max: { position: true } });
  return (last._max.position ?? -1) + 1;
}

/** Who of the given persons may arbitrate each case. */
export async function loadEligibility(
  db: Database | Transaction,
  caseIds: readonly string[],
  userIds: readonly string[] | "everyone",
): Promise<Map<string, Set<string>>> {
  const rows = await db.$queryRaw<{ caseId: string; userId: string }[]>`
    SELECT c.id AS "caseId", u.id AS "userId"
    FROM cases c
    JOIN memberships m ON m.site_id = c.site_id AND m.role = 'radiologist'
    JOIN users u ON u.id = m.user_id AND u.disabled_at IS NULL
    WHERE c.id = ANY (${[...caseIds]}::uuid[])
      AND (${userIds === "everyone"} OR u.id = ANY (${userIds === "everyone" ? [] : [...userIds]}::uuid[]))
      AND NOT EXISTS (SELECT 1 FROM reading_assignments a WHERE a.case_id = c.id AND a.reader_id = u.id)
      AND NOT EXISTS (SELECT 1 FROM arbitrations g WHERE g.case_id = c.id AND g.arbitrator_id = u.id
        AND g.superseded_at IS NOT NULL)`;
  const eligible = new Map<string, Set<string>>();
  for (const { caseId, userId } of rows) {
    eligible.set(caseId, (eligible.get(caseId) ?? new Set()).add(userId));
  }
  return eligible;
}

export interface ArbitratorChoice {
  readonly userId: string;
  readonly name: string;
  /** Cases of the study that this person may arbitrate. */
  readonly caseCount: number;
}

/** Radiologists who may arbitrate at least one case of the study. */
export async function listArbitratorChoices(
  db: Database,
  readerStudyId: string,
): Promise<{ caseCount: number; choices: ArbitratorChoice[] }> {
  const cases = await db.case.findMany({
    where: { assignments: { some: { readerStudyId, readings: { some: { lockedAt: { not: null } } } } } },
    select: { id: true },
  });
  const eligible = await loadEligibility(
    db,
    cases.map(({ id }) => id),
    "everyone",
  );
  const counts = new Map<string, number>();
  for (const users of eligible.values()) {
    for (const userId of users) counts.set(userId, (counts.get(userId) ?? 0) + 1);
  }
  const users = await db.user.findMany({
    where: { id: { in: [...counts.keys()] } },
    orderBy: [{ name: "asc" }, { id: "asc" }],
    select: { id: true, name: true },
  });
  return {
    caseCount: cases.length,
    choices: users.map(({ id, name }) => ({ userId: id, name, caseCount: counts.get(id) ?? 0 })),
  };
}

export function countKinds(
  found: readonly { readonly kind: DiscordanceKind }[],
): Record<DiscordanceKind, number> {
  const counts = { "reader-reader": 0, "reader-reference": 0, "reader-ai": 0, "ai-changed": 0 };
  for (const { kind } of found) counts[kind] += 1;
  return counts;
}
