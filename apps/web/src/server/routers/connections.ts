import { randomBytes, randomUUID } from "node:crypto";
import { apiTokenScopesSchema } from "@crossread/contracts/api-token";
import { dimseEndpointSchema } from "@crossread/contracts/dimse-endpoint";
import { DomainError } from "@crossread/contracts/errors";
import { createApiToken, listApiTokens, revokeApiToken } from "@crossread/db/api-tokens";
import { hasPendingCase } from "@crossread/db/blinding";
import { findDimseEndpoint, saveDimseEndpoint } from "@crossread/db/dimse-endpoints";
import { assertInScope, isInScope } from "@crossread/db/site-scope";
import { assertSiteExists } from "@crossread/db/sites";
import { z } from "zod";
import { env } from "../../env.ts";
import { access, scopeOf, type ProcedureName } from "../access.ts";
import { issueToken } from "@crossread/db/api-token-secret";
import type { RequestContext } from "../context.ts";
import { createRateLimit } from "../rate-limit.ts";
import { procedure, router } from "../trpc.ts";

const dayMs = 24 * 3_600_000;
const issuing = createRateLimit({ limit: 30, windowMs: 3_600_000, now: Date.now });

/** Days after which a token ends; null for one that ends only when it is revoked. */
const tokenLifetimes = [30, 90, 365, null] as const;

/** How programs of a site reach the platform: tokens for DICOMweb, and an AE title for DICOM's own protocol. */
export const connectionsRouter = router({
  load: procedure("connections.load")
    .input(z.strictObject({ siteId: z.uuid() }))
    .query(async ({ ctx, input }) => {
      const { siteId } = input;
      assertInScope(ctx.scope, siteId);
      await assertSiteExists(ctx.db, siteId);
      const [tokens, endpoint] = await Promise.all([
        listApiTokens(ctx.db, { siteId, at: new Date() }),
        findDimseEndpoint(ctx.db, siteId),
      ]);
      const { CROSSREAD_DIMSE_PORT: port, NEXTAUTH_URL: url } = env();
      return {
        tokens,
        dicomWebUrl: new URL("/api/dicomweb", url).href,
        dimse: { endpoint: endpoint ?? null, host: new URL(url).hostname, port: port ?? null },
        mayChangeTokens: mayCall(ctx, "connections.createToken", siteId),
        mayChangeDimse: mayCall(ctx, "connections.saveDimse", siteId),
      };
    }),
  /** The token is in this answer and nowhere else, ever. */
  createToken: procedure("connections.createToken")
    .input(
      z.strictObject({
        siteId: z.uuid(),
        name: z.string().trim().min(1).max(80),
        scopes: apiTokenScopesSchema,
        expiresInDays: z.literal(tokenLifetimes),
      }),
    )
    .mutation(async ({ ctx, input }) => {
      const { expiresInDays, name, scopes, siteId } = input;
      assertInScope(ctx.scope, siteId);
      // A program is shown every study of the site: with its token, a reader would be, too.
      if (scopes.includes("read") && (await hasPendingCase(ctx.db, ctx.actor.userId))) {
        throw new DomainError(
          "forbidden",
          "You still have to read cases: somebody who reads none may make a token that reads.",
        );
      }
      if (!issuing.take(ctx.actor.userId)) {
        throw new DomainError("rate-limited", "You have made many tokens in the last hour. Wait a while.");
      }
      const { token, tokenHash, tokenId } = issueToken(randomUUID(), randomBytes(32));
      const expiresAt = expiresInDays === null ? null : new Date(Date.now() + expiresInDays * dayMs);
      await createApiToken(ctx.db, {
        tokenId,
        siteId,
        actorId: ctx.actor.userId,
        name,
        scopes,
        expiresAt,
        tokenHash,
      });
      return { tokenId, token };
    }),
  revokeToken: procedure("connections.revokeToken")
    .input(z.strictObject({ siteId: z.uuid(), tokenId: z.uuid() }))
    .mutation(async ({ ctx, input }) => {
      assertInScope(ctx.scope, input.siteId);
      await revokeApiToken(ctx.db, { ...input, actorId: ctx.actor.userId, at: new Date() });
    }),
  saveDimse: procedure("connections.saveDimse")
    .input(z.strictObject({ siteId: z.uuid(), endpoint: dimseEndpointSchema }))
    .mutation(async ({ ctx, input }) => {
      assertInScope(ctx.scope, input.siteId);
      await saveDimseEndpoint(ctx.db, { ...input, actorId: ctx.actor.userId, at: new Date() });
    }),
});

/** For showing or hiding what would be refused anyway. */
function mayCall(ctx: RequestContext, name: ProcedureName, siteId: string): boolean {
  const scope = scopeOf(access[name], ctx.actor?.memberships ?? []);
  return scope !== undefined && isInScope(scope, siteId);
}
