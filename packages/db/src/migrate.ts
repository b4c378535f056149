import { readdir, readFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { loadSchemaEngine } from "./schema-engine.ts";
import { assertWebRolesInReach } from "./web-roles.ts";

const prismaDirectory = resolve(dirname(fileURLToPath(import.meta.url)), "../../../prisma");
const noFilters = { externalTables: [], externalEnums: [] };

/** Applies every pending migration and returns the names of those applied. */
export async function migrate(connectionString: string): Promise<string[]> {
  await assertWebRolesInReach(connectionString);
  const { engine, migrationsList } = await prepare(connectionString);
  const result = await engine.applyMigrations({ migrationsList, filters: noFilters });
  return result.appliedMigrationNames;
}

/** SQL that takes an empty database to the datamodel: the raw material of a new migration. */
export async function schemaSql(connectionString: string): Promise<string> {
  const { engine, schemaPath, schema } = await prepare(connectionString);
  const result = await engine.diff({
    from: { tag: "empty" },
    to: { tag: "schemaDatamodel", files: [{ path: schemaPath, content: schema }] },
    script: true,
    exitCode: null,
    filters: noFilters,
  });
  return result.stdout ?? "";
}

async function prepare(connectionString: string) {
  const schemaPath = join(prismaDirectory, "schema.prisma");
  const schema = await readFile(schemaPath, "utf8");
  const engine = await loadSchemaEngine({ connectionString, schemaPath, schema });
  return { engine, schemaPath, schema, migrationsList: await readMigrations() };
}

async function readMigrations() {
  const baseDir = join(prismaDirectory, "migrations");
  const entries = await readdir(baseDir, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  const migrationDirectories = await Promise.all(
    names.sort().map(async (path) => ({
      path,
      migrationFile: {
        path: "migration.sql",
        content: {
          tag: "ok" as const,
          value: await readFile(join(baseDir, path, "migration.sql"), "utf8"),
        },
      },
    })),
  );
  const lockfile = {
    path: "migration_lock.toml",
    content: await readFile(join(baseDir, "migration_lock.toml"), "utf8"),
  };
  return { baseDir, lockfile, shadowDbInitScript: "", migrationDirectories };
}
