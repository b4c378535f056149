import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { findFreePort, isPortFree } from "./ports.ts";

export interface LocalSecrets {
  readonly postgresPassword: string;
  readonly postgresPort: number;
  readonly sessionSecret: string;
  /** Opens the sites' keys in the database: whoever loses it loses the link between a woman and her pseudonym. */
  readonly masterKey: string;
}

/** Made once per data directory and readable by its owner only; the database keeps its port while that is free. */
export async function loadLocalSecrets(file: string): Promise<LocalSecrets> {
  const known = existsSync(file) ? parse(await readFile(file, "utf8")) : undefined;
  if (known?.masterKey !== undefined && (await isPortFree(known.postgresPort)))
    return { ...known, masterKey: known.masterKey };
  const secrets: LocalSecrets = {
    postgresPassword: known?.postgresPassword ?? randomBytes(24).toString("hex"),
    sessionSecret: known?.sessionSecret ?? randomBytes(32).toString("hex"),
    masterKey: known?.masterKey ?? randomBytes(32).toString("hex"),
    postgresPort: await findFreePort(),
  };
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, JSON.stringify(secrets, undefined, 2), { mode: 0o600 });
  return secrets;
}

/** An older start wrote no master key. */
type KnownSecrets = Omit<LocalSecrets, "masterKey"> & { readonly masterKey?: string };

function parse(text: string): KnownSecrets | undefined {
  const value: unknown = JSON.parse(text);
  if (typeof value !== "object" || value === null) return undefined;
  const { masterKey, postgresPassword, postgresPort, sessionSecret } = value as Record<string, unknown>;
  if (
    typeof postgresPassword !== "string" ||
    typeof postgresPort !== "number" ||
    typeof sessionSecret !== "string"
  ) {
    return undefined;
  }
  const known = { postgresPassword, postgresPort, sessionSecret };
  return typeof masterKey === "string" ? { ...known, masterKey } : known;
}
