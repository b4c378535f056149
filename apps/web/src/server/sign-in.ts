import "server-only";
import type { Database } from "@crossread/db/database";
import { appendAudit } from "@crossread/db/audit";
import { findSignIn } from "@crossread/db/people";
import { verifyPassword } from "./password.ts";
import type { RateLimit } from "./rate-limit.ts";

export interface SignInAttempt {
  readonly email: string;
  readonly password: string;
  readonly address: string;
}

export interface SignInLimits {
  readonly byEmail: RateLimit;
  readonly byAddress: RateLimit;
}

export type SignInResult =
  | { readonly ok: true; readonly userId: string; readonly sessionVersion: number; readonly name: string }
  | { readonly ok: false; readonly code: "rate-limited" | "refused" };

export async function signInWithPassword(
  db: Database,
  attempt: SignInAttempt,
  limits: SignInLimits,
): Promise<SignInResult> {
  const key = attempt.email.trim().toLowerCase();
  if (!limits.byAddress.take(attempt.address) || !limits.byEmail.take(key)) {
    return { ok: false, code: "rate-limited" };
  }
  const user = await findSignIn(db, attempt.email);
  const isRight = await verifyPassword(user?.passwordHash, attempt.password);
  if (user === undefined) return { ok: false, code: "refused" };
  const isAccepted = isRight && !user.isDisabled;
  await appendAudit(db, {
    actorId: user.userId,
    siteId: null,
    action: isAccepted ? "session.sign-in" : "session.refused",
    entityKind: "user",
    entityId: user.userId,
    details: {},
  });
  if (!isAccepted) return { ok: false, code: "refused" };
  limits.byEmail.clear(key);
  return { ok: true, userId: user.userId, sessionVersion: user.sessionVersion, name: user.name };
}
