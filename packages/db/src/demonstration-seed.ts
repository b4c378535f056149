import type { Acquisition } from "@crossread/contracts/dataset-manifest";
import type { Membership } from "@crossread/contracts/role";
import type { Database } from "./database.ts";

export interface SeededSite {
  readonly code: string;
  readonly name: string;
  readonly colourIndex: number;
  readonly acquisition: Acquisition;
}

const toAcquisitionRow = (acquisition: Acquisition) =>
  acquisition === "film-digitised" ? "film_digitised" : acquisition;

/** Creates a site, or finds the one with this code as people have changed it since. */
export async function ensureSite(db: Database, site: SeededSite): Promise<{ siteId: string }> {
  await db.site.createMany({
    data: [{ ...site, acquisition: toAcquisitionRow(site.acquisition) }],
    skipDuplicates: true,
  });
  const row = await db.site.findUniqueOrThrow({ where: { code: site.code }, select: { id: true } });
  return { siteId: row.id };
}

export interface SeededUser {
  readonly email: string;
  readonly name: string;
  readonly passwordHash: () => Promise<string>;
  readonly memberships: readonly Membership[];
}

/** Creates a demonstration account; one that is there already keeps its password and roles. */
export async function ensureDemoUser(db: Database, user: SeededUser): Promise<{ userId: string }> {
  const known = await db.user.findUnique({ where: { email: user.email }, select: { id: true } });
  if (known !== null) return { userId: known.id };
  const created = await db.user.create({
    data: {
      email: user.email,
      name: user.name,
      passwordHash: await user.passwordHash(),
      isDemo: true,
      memberships: { create: user.memberships.map(({ role, siteId }) => ({ role, siteId })) },
    },
    select: { id: true },
  });
  return { userId: created.id };
}

/** No image and no cohort: nothing that content generated later could mix with. */
export async function isPlatformEmpty(db: Database): Promise<boolean> {
  const [instances, cohorts] = await Promise.all([db.instance.count(), db.cohort.count()]);
  return instances === 0 && cohorts === 0;
}
