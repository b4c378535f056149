import { randomBytes, randomUUID } from "node:crypto";
import { apiTokenScopesSchema } from "@crossread/contracts/api-token";
import { DomainError } from "@crossread/contracts/errors";
import { issueToken } from "@crossread/db/api-token-secret";
import { createApiToken } from "@crossread/db/api-tokens";
import { openDatabase } from "@crossread/db/database";
import { findPlatformAdmin } from "@crossread/db/people";
import { listSites } from "@crossread/db/sites";
import { describeFailure } from "./describe-failure.ts";
import { parseEnvironment } from "./env.ts";

const usage = "Usage: create-token.mjs SITE NAME write|read|write,read [DAYS]   (prints the token, once)";
const defaultDays = 365;
const dayMs = 24 * 3_600_000;

/** A site's token without the application's pages: for scripts and for machines without a browser. */
async function createToken(argv: readonly string[]): Promise<void> {
  const [siteCode, name, scopeText = "", daysText = String(defaultDays)] = argv;
  const scopes = apiTokenScopesSchema.safeParse(scopeText.split(","));
  const days = Number(daysText);
  if (siteCode === undefined || name === undefined || name === "" || !scopes.success || !(days > 0)) {
    throw new DomainError("usage", usage);
  }
  const db = openDatabase(parseEnvironment().databaseUrl);
  try {
    const site = (await listSites(db)).find(({ code }) => code === siteCode);
    if (site === undefined) throw new DomainError("not-found", `There is no site with the code ${siteCode}.`);
    const admin = await findPlatformAdmin(db);
    if (admin === undefined) {
      throw new DomainError("not-found", "There is no administrator yet in whose name it could be made.");
    }
    const { token, tokenHash, tokenId } = issueToken(randomUUID(), randomBytes(32));
    await createApiToken(db, {
      tokenId,
      siteId: site.siteId,
      actorId: admin.userId,
      name,
      scopes: scopes.data,
      expiresAt: new Date(Date.now() + days * dayMs),
      tokenHash,
    });
    process.stdout.write(`${token}\n`);
  } finally {
    await db.$disconnect();
  }
}

try {
  await createToken(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${describeFailure(error)}\n`);
  process.exitCode = 1;
}
