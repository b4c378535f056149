import type { Finding, Laterality } from "@crossread/contracts/dataset-manifest";
import type { Split } from "@crossread/contracts/split";
import { pendingArbitrationOf, pendingAssignmentOf } from "./blinding.ts";
import type { Database } from "./database.ts";
import { whereSite, type SiteScope } from "./site-scope.ts";
import { fromSplitRow, toSplitRow } from "./split-row.ts";

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
