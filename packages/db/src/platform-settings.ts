import type { Database } from "./database.ts";
import { toJsonColumn } from "./json-column.ts";

/** Untrusted: the caller parses it. */
export async function findSetting(db: Database, key: string): Promise<unknown> {
  const row = await db.platformSetting.findUnique({ where: { key }, select: { value: true } });
  return row?.value;
}

export async function storeSetting(db: Database, key: string, value: object): Promise<void> {
  const stored = toJsonColumn(value);
  await db.platformSetting.upsert({
    where: { key },
    create: { key, value: stored },
    update: { value: stored },
  });
}
