import { findReceipt } from "@crossread/db/deidentification-receipts";
import { DomainError } from "@crossread/contracts/errors";
import { handOutSiteKey, parseMasterKey } from "@crossread/db/site-key";
import { z } from "zod";
import { env } from "../../env.ts";
import { createRateLimit } from "../rate-limit.ts";
import { procedure, router } from "../trpc.ts";

/** A page fetches the key once; whoever asks more often is not uploading. */
const keyRequests = createRateLimit({ limit: 30, windowMs: 600_000, now: Date.now });

export const deidentificationRouter = router({
  /** A mutation, so that the answer is neither cached nor fetched again; it says who took the key in the audit log. */
  siteKey: procedure("deidentification.siteKey")
    .input(z.strictObject({ siteId: z.uuid() }))
    .mutation(async ({ ctx, input: { siteId } }) => {
      const { memberships, userId } = ctx.actor;
      const isOfThatSite = memberships.some((held) => held.role === "coordinator" && held.siteId === siteId);
      if (!isOfThatSite) {
        throw new DomainError("forbidden", `Only a coordinator of site ${siteId} may have its key.`);
      }
      if (!keyRequests.take(userId)) {
        throw new DomainError(
          "rate-limited",
          "The site's key was fetched too often. Try again in ten minutes.",
        );
      }
      const masterKey = parseMasterKey(env().CROSSREAD_MASTER_KEY);
      const key = await handOutSiteKey(ctx.db, { siteId, actorId: userId, masterKey });
      return { siteKey: Buffer.from(key).toString("base64") };
    }),
  receipt: procedure("deidentification.receipt")
    .input(z.strictObject({ studyId: z.uuid() }))
    .query(async ({ ctx, input }) => (await findReceipt(ctx.db, ctx.scope, input.studyId)) ?? null),
});
