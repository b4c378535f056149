import type { Membership } from "@crossread/contracts/role";
import type { Acquisition } from "@crossread/contracts/dataset-manifest";
import type { Database } from "@crossread/db/database";
import { ensureDemoUser, ensureSite } from "@crossread/db/demonstration-seed";
import { hash } from "@node-rs/argon2";
import { demoAccounts, demoPassword, demoSites } from "./demonstration-accounts.ts";

/** Sites and accounts of the demonstration; what exists already is left as it is. */
export async function seedDemonstration(db: Database, acquisition: Acquisition): Promise<void> {
  const siteIds = new Map<string, string>();
  for (const site of demoSites) {
    const { siteId } = await ensureSite(db, { ...site, acquisition });
    siteIds.set(site.code, siteId);
  }
  for (const account of demoAccounts) {
    const memberships = (account.sites ?? [null]).map((code): Membership => ({
      role: account.role,
      siteId: code === null ? null : (siteIds.get(code) ?? null),
    }));
    await ensureDemoUser(db, {
      email: account.email,
      name: account.name,
      // @node-rs/argon2 hashes with argon2id unless told otherwise.
      passwordHash: () => hash(demoPassword),
      memberships,
    });
  }
}
