import { DomainError } from "@crossread/contracts/errors";
import { toAcquisition } from "./acquisition-row.ts";
import { appendAudit } from "./audit.ts";
import { countPending } from "./blinding.ts";
import { splitSubjects, type SplitFractions, type SplittableSubject } from "./cohort-split.ts";
import type { SplitBalance } from "./cohorts.ts";
import type { Database, Transaction } from "./database.ts";
import { toSplitRow } from "./split-row.ts";
import { loadSubjectGroups } from "./subject-groups.ts";

export interface CohortRecipe {
  readonly siteIds: readonly string[];
  readonly fractions: SplitFractions;
  readonly seed: number;
}

interface EligibleSubject extends SplittableSubject {
  readonly cases: readonly { readonly caseId: string; readonly imageCount: number }[];
}

/** Subjects with images and a reference standard in force: what a cohort can be made of. */
async function listEligibleSubjects(
  db: Database | Transaction,
  siteIds: readonly string[],
): Promise<EligibleSubject[]> {
  const usable = {
    instances: { some: {} },
    referenceStandards: { some: { supersededAt: null } },
  } as const;
  const subjects = await db.subject.findMany({
    where: { siteId: { in: [...siteIds] }, cases: { some: usable } },
    orderBy: { id: "asc" },
    select: {
      id: true,
      pseudonym: true,
      siteId: true,
      site: { select: { code: true } },
      cases: {
        where: usable,
        select: {
          id: true,
          _count: { select: { instances: true } },
          referenceStandards: { where: { supersededAt: null }, select: { finding: true } },
        },
      },
    },
  });
  const groups = await loadSubjectGroups(db);
  return subjects.map((subject) => ({
    subjectId: subject.id,
    woman: groups.get(subject.id),
    pseudonym: subject.pseudonym,
    siteId: subject.siteId,
    siteCode: subject.site.code,
    isMalignant: subject.cases.some((one) =>
      one.referenceStandards.some(({ finding }) => finding === "malignant"),
    ),
    cases: subject.cases.map((one) => ({ caseId: one.id, imageCount: one._count.instances })),
  }));
}

/** Subjects are drawn by class: even their number in each split would tell of cases that are still blind. */
async function assertNoneBlind(
  db: Database | Transaction,
  subjects: readonly EligibleSubject[],
  viewerId: string | null,
): Promise<void> {
  if (viewerId === null) return;
  const caseIds = subjects.flatMap(({ cases }) => cases.map(({ caseId }) => caseId));
  if ((await countPending(db, viewerId, caseIds)) === 0) return;
  throw new DomainError(
    "forbidden",
    "You still have to read or arbitrate cases of these sites: somebody else may draw a cohort of them.",
  );
}

/** What the recipe would give, without writing anything. */
export async function previewCohort(
  db: Database,
  recipe: CohortRecipe,
  viewerId: string,
): Promise<SplitBalance[]> {
  const subjects = await listEligibleSubjects(db, recipe.siteIds);
  await assertNoneBlind(db, subjects, viewerId);
  const splits = splitSubjects(subjects, recipe.fractions, recipe.seed);
  const balances = new Map<string, SplitBalance & { readonly malignantSubjectCount: number }>();
  for (const subject of subjects) {
    const split = splits.get(subject.subjectId);
    if (split === undefined) continue;
    const key = `${subject.siteId} ${split}`;
    const before = balances.get(key);
    balances.set(key, {
      siteId: subject.siteId,
      split,
      subjectCount: (before?.subjectCount ?? 0) + 1,
      malignantSubjectCount: (before?.malignantSubjectCount ?? 0) + (subject.isMalignant ? 1 : 0),
      caseCount: (before?.caseCount ?? 0) + subject.cases.length,
      imageCount: (before?.imageCount ?? 0) + subject.cases.reduce((sum, one) => sum + one.imageCount, 0),
    });
  }
  return [...balances.values()];
}

/** Film-digitised and digital images are different domains: mixed only by those who say so. */
async function assertOneDomain(db: Transaction, cohort: NewCohort): Promise<void> {
  if (cohort.allowsMixedAcquisition === true) return;
  const sites = await db.site.findMany({
    where: { id: { in: [...cohort.siteIds] } },
    orderBy: { code: "asc" },
    select: { code: true, acquisition: true },
  });
  if (new Set(sites.map(({ acquisition }) => acquisition)).size <= 1) return;
  const named = sites.map(({ acquisition, code }) => `${code} ${toAcquisition(acquisition)}`).join(", ");
  throw new DomainError(
    "cohort-invalid",
    `Film-digitised, digital and synthetic images are different domains, but the chosen sites have several: ${named}. Allow the mixture explicitly, or choose sites of one kind.`,
  );
}

export interface NewCohort extends CohortRecipe {
  readonly allowsMixedAcquisition?: boolean;
  readonly actorId: string | null;
  readonly name: string;
  readonly purpose: string;
}

export async function createCohort(db: Database, cohort: NewCohort): Promise<{ cohortId: string }> {
  return db.$transaction(
    async (tx) => {
      if ((await tx.cohort.count({ where: { name: cohort.name } })) > 0) {
        throw new DomainError("conflict", `A cohort named "${cohort.name}" exists already.`);
      }
      await assertOneDomain(tx, cohort);
      const subjects = await listEligibleSubjects(tx, cohort.siteIds);
      if (subjects.length === 0) {
        throw new DomainError(
          "cohort-invalid",
          "A cohort needs subjects with images and a reference standard; the chosen sites have none.",
        );
      }
      await assertNoneBlind(tx, subjects, cohort.actorId);
      const splits = splitSubjects(subjects, cohort.fractions, cohort.seed);
      const { id: cohortId } = await tx.cohort.create({
        data: {
          name: cohort.name,
          purpose: cohort.purpose,
          seed: cohort.seed,
          createdBy: cohort.actorId,
        },
        select: { id: true },
      });
      const members = subjects.flatMap((subject) => {
        const split = splits.get(subject.subjectId);
        return split === undefined ? [] : [{ subject, split: toSplitRow(split) }];
      });
      await tx.cohortSubject.createMany({
        data: members.map(({ subject, split }) => ({
          cohortId,
          subjectId: subject.subjectId,
          siteId: subject.siteId,
          split,
        })),
      });
      await tx.cohortCase.createMany({
        data: members.flatMap(({ subject, split }) =>
          subject.cases.map(({ caseId }) => ({ cohortId, caseId, subjectId: subject.subjectId, split })),
        ),
      });
      await appendAudit(tx, {
        actorId: cohort.actorId,
        siteId: null,
        action: "cohort.create",
        entityKind: "cohort",
        entityId: cohortId,
        details: {
          seed: cohort.seed,
          fractions: { ...cohort.fractions },
          siteIds: cohort.siteIds,
          allowsMixedAcquisition: cohort.allowsMixedAcquisition === true,
          subjectCount: members.length,
        },
      });
      return { cohortId };
    },
    { timeout: 30_000 },
  );
}
