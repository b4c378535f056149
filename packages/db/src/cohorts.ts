import { DomainError } from "@crossread/contracts/errors";
import type { Split } from "@crossread/contracts/split";
import type { Finding, Laterality } from "@crossread/contracts/dataset-manifest";
import { toAcquisition } from "./acquisition-row.ts";
import { appendAudit } from "./audit.ts";
import { countPending, pendingArbitrationOf, pendingAssignmentOf, pendingCaseIds } from "./blinding.ts";
import { assertCohortClean } from "./cohort-leaks.ts";
import { cohortDigest } from "./cohort-digest.ts";
import { splitSubjects, type SplitFractions, type SplittableSubject } from "./cohort-split.ts";
import type { Database, Transaction } from "./database.ts";
import { loadSubjectGroups } from "./subject-groups.ts";
import { Prisma } from "./generated/client.ts";
import { whereSite, type SiteScope } from "./site-scope.ts";
import { fromSplitRow, toSplitRow } from "./split-row.ts";

export interface CohortRecipe {
  readonly siteIds: readonly string[];
  readonly fractions: SplitFractions;
  readonly seed: number;
}

/** Counts of one split at one site; a subject is malignant if any of its breasts is. */
export interface SplitBalance {
  readonly siteId: string;
  readonly split: Split;
  readonly subjectCount: number;
  /** Null for a viewer who still has to read or arbitrate one of the cases. */
  readonly malignantSubjectCount: number | null;
  readonly caseCount: number;
  readonly imageCount: number;
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

/** Fixes the membership for good and names it by its digest. */
export async function freezeCohort(
  db: Database,
  freeze: { actorId: string; cohortId: string; at: Date },
): Promise<{ digest: string }> {
  return db.$transaction(
    async (tx) => {
      const cases = await tx.cohortCase.findMany({
        where: { cohortId: freeze.cohortId },
        select: {
          split: true,
          case: {
            select: {
              site: { select: { code: true } },
              subject: { select: { pseudonym: true } },
              study: { select: { studyInstanceUid: true } },
            },
          },
        },
      });
      if (cases.length === 0) {
        throw new DomainError("cohort-invalid", "A cohort without cases cannot be frozen.");
      }
      const digest = cohortDigest(
        cases.map((row) => ({
          siteCode: row.case.site.code,
          pseudonym: row.case.subject.pseudonym,
          studyInstanceUid: row.case.study.studyInstanceUid,
          split: fromSplitRow(row.split),
        })),
      );
      const { name } = await tx.cohort.findUniqueOrThrow({
        where: { id: freeze.cohortId },
        select: { name: true },
      });
      await assertCohortClean(tx, { cohortId: freeze.cohortId, name, needsAllCompared: false });
      const frozen = await tx.cohort.updateMany({
        where: { id: freeze.cohortId, frozenAt: null },
        data: { digest, frozenAt: freeze.at },
      });
      if (frozen.count === 0) throw new DomainError("conflict", "This cohort is frozen already.");
      await appendAudit(tx, {
        actorId: freeze.actorId,
        siteId: null,
        action: "cohort.freeze",
        entityKind: "cohort",
        entityId: freeze.cohortId,
        details: { digest, caseCount: cases.length },
      });
      return { digest };
    },
    { timeout: 30_000 },
  );
}

export interface CohortSummary {
  readonly cohortId: string;
  readonly name: string;
  readonly purpose: string;
  readonly seed: number;
  readonly digest: string | null;
  readonly frozenAt: Date | null;
  readonly createdAt: Date;
  readonly creatorName: string | null;
  readonly subjectCount: number;
  readonly caseCount: number;
}

const summarySelect = {
  id: true,
  name: true,
  purpose: true,
  seed: true,
  digest: true,
  frozenAt: true,
  createdAt: true,
  creator: { select: { name: true } },
  _count: { select: { subjects: true, cases: true } },
} as const;

interface SummaryRecord {
  id: string;
  name: string;
  purpose: string;
  seed: number;
  digest: string | null;
  frozenAt: Date | null;
  createdAt: Date;
  creator: { name: string } | null;
  _count: { subjects: number; cases: number };
}

function toSummary({ id, creator, _count: counts, ...cohort }: SummaryRecord): CohortSummary {
  return {
    cohortId: id,
    ...cohort,
    creatorName: creator?.name ?? null,
    subjectCount: counts.subjects,
    caseCount: counts.cases,
  };
}

export async function listCohorts(db: Database): Promise<CohortSummary[]> {
  const cohorts = await db.cohort.findMany({ orderBy: { createdAt: "desc" }, select: summarySelect });
  return cohorts.map(toSummary);
}

export interface CohortDetail extends CohortSummary {
  readonly balances: readonly SplitBalance[];
}

export async function loadCohort(db: Database, cohortId: string, viewerId?: string): Promise<CohortDetail> {
  const isBlind =
    viewerId === undefined ? Prisma.sql`false` : Prisma.sql`c.case_id IN (${pendingCaseIds(viewerId)})`;
  const cohort = await db.cohort.findUnique({ where: { id: cohortId }, select: summarySelect });
  if (cohort === null) throw new DomainError("not-found", `There is no cohort ${cohortId}.`);
  const rows = await db.$queryRaw<
    {
      siteId: string;
      split: Split;
      subjectCount: number;
      malignantSubjectCount: number | null;
      caseCount: number;
      imageCount: number;
    }[]
  >`
    SELECT s.site_id AS "siteId", s.split::text AS split,
      count(DISTINCT s.subject_id)::int AS "subjectCount",
      CASE WHEN bool_or(${isBlind}) THEN NULL ELSE
        (count(DISTINCT s.subject_id) FILTER (WHERE EXISTS (
          SELECT 1 FROM reference_standards r WHERE r.case_id = c.case_id
            AND r.superseded_at IS NULL AND r.finding = 'malignant')))::int END AS "malignantSubjectCount",
      count(c.case_id)::int AS "caseCount",
      coalesce(sum((SELECT count(*) FROM instances i WHERE i.case_id = c.case_id)), 0)::int AS "imageCount"
    FROM cohort_subjects s
    LEFT JOIN cohort_cases c ON c.cohort_id = s.cohort_id AND c.subject_id = s.subject_id
    WHERE s.cohort_id = ${cohortId}::uuid
    GROUP BY s.site_id, s.split
    ORDER BY s.site_id, s.split`;
  return { ...toSummary(cohort), balances: rows };
}

export interface CohortMember {
  readonly pseudonym: string;
  readonly siteId: string;
  readonly split: Split;
  readonly cases: readonly {
    readonly caseId: string;
    readonly studyId: string;
    readonly label: string;
    readonly imageCount: number;
    /** null while the viewer has still to read the case. */
    readonly findings: readonly { readonly laterality: Laterality; readonly finding: Finding }[] | null;
  }[];
}

export interface MemberFilter {
  readonly cohortId: string;
  readonly scope: SiteScope;
  readonly viewerId: string;
  readonly siteId?: string;
  readonly split?: Split;
  readonly offset: number;
  readonly pageSize: number;
}

/** Subjects of the sites in scope only. */
export async function listCohortMembers(
  db: Database,
  filter: MemberFilter,
): Promise<{ rows: CohortMember[]; totalCount: number }> {
  const where = {
    cohortId: filter.cohortId,
    AND: [{ siteId: whereSite(filter.scope) }, filter.siteId === undefined ? {} : { siteId: filter.siteId }],
    ...(filter.split === undefined ? {} : { split: toSplitRow(filter.split) }),
  };
  const [totalCount, members] = await Promise.all([
    db.cohortSubject.count({ where }),
    db.cohortSubject.findMany({
      where,
      orderBy: [{ site: { code: "asc" } }, { subject: { pseudonym: "asc" } }],
      skip: filter.offset,
      take: filter.pageSize,
      select: {
        siteId: true,
        split: true,
        subject: { select: { pseudonym: true } },
        cases: {
          select: {
            case: {
              select: {
                id: true,
                studyId: true,
                label: true,
                _count: { select: { instances: true } },
                assignments: { where: pendingAssignmentOf(filter.viewerId), select: { id: true } },
                arbitrations: { where: pendingArbitrationOf(filter.viewerId), select: { id: true } },
                referenceStandards: {
                  where: { supersededAt: null },
                  orderBy: { laterality: "asc" },
                  select: { laterality: true, finding: true },
                },
              },
            },
          },
        },
      },
    }),
  ]);
  return {
    totalCount,
    rows: members.map((member) => ({
      pseudonym: member.subject.pseudonym,
      siteId: member.siteId,
      split: fromSplitRow(member.split),
      cases: member.cases.map(({ case: one }) => ({
        caseId: one.id,
        studyId: one.studyId,
        label: one.label,
        imageCount: one._count.instances,
        findings: one.assignments.length + one.arbitrations.length > 0 ? null : one.referenceStandards,
      })),
    })),
  };
}
