import type { Database } from "@crossread/db/database";

interface Reference {
  readonly child: string;
  readonly column: string;
  readonly parent: string;
  readonly key: string;
}

/**
 * Every table with rows of a site, found in the catalogue: those with a column site_id, and those that always refer to
 * such a table. For each an SQL expression on the table's alias "t" for the site of a row; the shortest way is taken.
 */
export async function sitePathsOf(db: Database): Promise<ReadonlyMap<string, string>> {
  const columns = await db.$queryRaw<{ name: string }[]>`
    SELECT c.relname AS name FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'site_id'
    WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r' ORDER BY 1`;
  const references = await db.$queryRaw<Reference[]>`
    SELECT child.relname AS child, a.attname AS column, parent.relname AS parent, k.attname AS key
    FROM pg_constraint f
    JOIN pg_class child ON child.oid = f.conrelid JOIN pg_class parent ON parent.oid = f.confrelid
    JOIN pg_attribute a ON a.attrelid = f.conrelid AND a.attnum = f.conkey[1]
    JOIN pg_attribute k ON k.attrelid = f.confrelid AND k.attnum = f.confkey[1]
    WHERE f.contype = 'f' AND a.attnotnull AND child.relnamespace = current_schema()::regnamespace ORDER BY 1, 2`;
  const paths = new Map(columns.map(({ name }) => [name, "t.site_id"]));
  for (let known = 0; known !== paths.size;) {
    known = paths.size;
    const found = new Map<string, string>();
    for (const { child, column, key, parent } of references) {
      const path = paths.get(parent);
      if (path === undefined || paths.has(child) || found.has(child)) continue;
      found.set(
        child,
        `(SELECT ${path.replaceAll(/\bt\./g, "u.")} FROM ${parent} u WHERE u.${key} = t.${column})`.replaceAll(
          /\bu\b/g,
          `u${known}`,
        ),
      );
    }
    for (const [table, path] of found) paths.set(table, path);
  }
  return paths;
}
