import type { Acquisition } from "@crossread/contracts/dataset-manifest";
import type { Role } from "@crossread/contracts/role";
import { DomainError } from "@crossread/contracts/errors";
import type { Database } from "./database.ts";
import { toAcquisition } from "./acquisition-row.ts";

export interface SiteRow {
  readonly siteId: string;
  readonly code: string;
  readonly name: string;
  readonly colourIndex: number;
  readonly acquisition: Acquisition;
  readonly isActive: boolean;
}

const siteSelect = {
  id: true,
  code: true,
  name: true,
  colourIndex: true,
  acquisition: true,
  isActive: true,
} as const;

/** Every site's name and colour; nothing of its data. */
export async function listSites(db: Database): Promise<SiteRow[]> {
  const sites = await db.site.findMany({ orderBy: { colourIndex: "asc" }, select: siteSelect });
  return sites.map(({ id, acquisition, ...site }) => ({
    siteId: id,
    ...site,
    acquisition: toAcquisition(acquisition),
  }));
}

export interface SiteDetail extends SiteRow {
  readonly subjectCount: number;
  readonly caseCount: number;
  readonly instanceCount: number;
  readonly openRefusedFileCount: number;
  readonly members: readonly { userId: string; name: string; role: Role; isDisabled: boolean }[];
}

export async function loadSite(db: Database, siteId: string): Promise<SiteDetail> {
  const site = await db.site.findUnique({
    where: { id: siteId },
    select: {
      ...siteSelect,
      _count: {
        select: {
          subjects: true,
          cases: true,
          instances: true,
          refusedFiles: { where: { resolvedAt: null, dismissedAt: null } },
        },
      },
      memberships: {
        orderBy: [{ role: "asc" }, { user: { name: "asc" } }],
        select: { role: true, user: { select: { id: true, name: true, disabledAt: true } } },
      },
    },
  });
  if (site === null) throw new DomainError("not-found", `There is no site ${siteId}.`);
  const { id, _count: counts, memberships, acquisition, ...rest } = site;
  return {
    siteId: id,
    ...rest,
    acquisition: toAcquisition(acquisition),
    subjectCount: counts.subjects,
    caseCount: counts.cases,
    instanceCount: counts.instances,
    openRefusedFileCount: counts.refusedFiles,
    members: memberships.map(({ role, user }) => ({
      userId: user.id,
      name: user.name,
      role,
      isDisabled: user.disabledAt !== null,
    })),
  };
}

/** Who holds a role on the platform may ask for any site, also for one that is none. */
export async function assertSiteExists(db: Database, siteId: string): Promise<void> {
  if ((await db.site.count({ where: { id: siteId } })) > 0) return;
  throw new DomainError("not-found", `There is no site ${siteId}.`);
}
