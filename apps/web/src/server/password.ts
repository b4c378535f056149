import "server-only";
import { hash, verify } from "@node-rs/argon2";

/** OWASP's first recommendation for argon2id: 19 MiB, two passes, one lane. */
const parameters = { algorithm: 2, memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

let last: Promise<unknown> = Promise.resolve();

/** Each keeps a core busy: one at a time, so that those who read do not wait for everybody who signs in. */
function inTurn<TValue>(work: () => Promise<TValue>): Promise<TValue> {
  const done = last.then(work);
  last = done.catch(() => undefined);
  return done;
}

export const hashPassword = (password: string): Promise<string> => inTurn(() => hash(password, parameters));

let decoy: Promise<string> | undefined;

/** Costs the same time for an unknown user as for a wrong password, so that addresses cannot be probed. */
export async function verifyPassword(passwordHash: string | undefined, password: string): Promise<boolean> {
  decoy ??= hashPassword("no account has this password");
  const compared = passwordHash ?? (await decoy);
  const isRight = await inTurn(() => verify(compared, password));
  return isRight && passwordHash !== undefined;
}
