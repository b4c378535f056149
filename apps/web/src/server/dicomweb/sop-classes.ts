import type { Database } from "@crossread/db/database";
import {
  countInstancesWithoutSopClass,
  listInstancesWithoutSopClass,
  saveSopClass,
} from "@crossread/db/sop-classes";
import { underScope } from "@crossread/db/row-scope";
import type { SiteScope } from "@crossread/db/site-scope";
import { readInstance } from "@crossread/dicom/read-instance";
import type { ObjectStore } from "@crossread/storage/object-store";

/** Reads the SOP class of images that were stored before the platform kept it from their files, a few a search. */
export interface SopClasses {
  /** How many images in scope are still without. */
  readonly fill: (scope: SiteScope) => Promise<number>;
}

const readASearch = 40;
const mostUnreadable = 1_000;

export function createSopClasses(services: { db: Database; store: ObjectStore }): SopClasses {
  const { store } = services;
  /** Not tried again before the server starts anew. */
  const unreadable = new Set<string>();

  async function fillSome(db: Database, scope: SiteScope): Promise<void> {
    if (unreadable.size >= mostUnreadable) return;
    const instances = await listInstancesWithoutSopClass(db, {
      scope,
      without: [...unreadable],
      limit: readASearch,
    });
    // One file at a time: each is held whole.
    for (const { instanceId, blobKey } of instances) {
      try {
        const { sopClassUid } = readInstance(await store.get(blobKey), `Image ${instanceId}`);
        await saveSopClass(db, instanceId, sopClassUid);
      } catch {
        unreadable.add(instanceId);
      }
    }
  }

  return {
    async fill(scope) {
      const db = underScope(services.db, { sites: scope, personId: null });
      if ((await countInstancesWithoutSopClass(db, scope)) === 0) return 0;
      await fillSome(db, scope);
      return countInstancesWithoutSopClass(db, scope);
    },
  };
}
