import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { bindMigrationAwareSqlAdapterFactory } from "@prisma/driver-adapter-utils";
import { PrismaPg } from "@prisma/adapter-pg";
import * as background from "@prisma/schema-engine-wasm/schema_engine_bg";

type SchemaEngine = Awaited<ReturnType<typeof background.SchemaEngine.new>>;

/**
 * Prisma's own schema engine as WebAssembly: the command line's native engine is a download, this one is in npm.
 * It writes the same `_prisma_migrations` table, so `prisma migrate deploy` agrees wherever it is available.
 */
export async function loadSchemaEngine(options: {
  connectionString: string;
  schemaPath: string;
  schema: string;
}): Promise<SchemaEngine> {
  const require = createRequire(import.meta.url);
  const directory = dirname(require.resolve("@prisma/schema-engine-wasm"));
  const wasm = await readFile(join(directory, "schema_engine_bg.wasm"));
  const imports = { "./schema_engine_bg.js": background as unknown as WebAssembly.ModuleImports };
  const { instance } = await WebAssembly.instantiate(wasm, imports);
  background.__wbg_set_wasm(instance.exports);
  const start = instance.exports["__wbindgen_start"];
  if (typeof start !== "function") throw new Error("Prisma's schema engine has no start function");
  start();
  const factory = bindMigrationAwareSqlAdapterFactory(
    new WholeScriptPrismaPg({ connectionString: options.connectionString }),
  );
  return background.SchemaEngine.new(
    { datamodels: [[options.schemaPath, options.schema]] },
    () => undefined,
    factory,
  );
}

/** The adapter splits scripts at every semicolon, also inside the body of a function; PostgreSQL itself takes the whole. */
class WholeScriptPrismaPg extends PrismaPg {
  override async connect() {
    const adapter = await super.connect();
    const client = adapter.underlyingDriver();
    adapter.executeScript = async (script) => {
      await client.query(script);
    };
    return adapter;
  }
}
