/** The key that signs receipts, and the rotation of the master key that it and the sites' keys are sealed under. */
import { DomainError } from "@crossread/contracts/errors";
import { signedReceiptSchema } from "@crossread/contracts/deidentification-receipt";
import { appendAudit } from "./audit.ts";
import type { Database, Transaction } from "./database.ts";
import { deriveKey, seal, sealSiteKey, openSiteKey, unseal } from "./site-key.ts";

const signingName = "receipt-signing";

/** 32 bytes: derived from the master key as long as that is the first one, sealed under it from then on. */
export async function loadSigningSeed(
  db: Database | Transaction,
  masterKey: Uint8Array,
): Promise<Uint8Array> {
  const row = await db.platformSecret.findUnique({ where: { name: signingName } });
  if (row === null) return deriveKey(masterKey, "receipt signing");
  try {
    return unseal(row.sealed, sealedFor(masterKey));
  } catch (error) {
    throw new DomainError(
      "site-key-unreadable",
      "The key that signs receipts does not open: CROSSREAD_MASTER_KEY is not the one it was sealed with.",
      { cause: error },
    );
  }
}

const sealedFor = (masterKey: Uint8Array) =>
  ({ place: signingName, purpose: "platform secrets", masterKey }) as const;

export interface KeyRotation {
  readonly previous: Uint8Array;
  readonly next: Uint8Array;
  /** Of a signing seed: what receipts carry. */
  readonly publicKeyOf: (seed: Uint8Array) => string;
}

export interface RotatedKeys {
  readonly siteCount: number;
  readonly isSigningKeySealed: boolean;
}

/**
 * Seals every key anew in one transaction; what is sealed under the next master key already is left alone, so that it
 * can be run again. Pseudonyms and signatures stay what they are.
 *
 * @throws {DomainError} "site-key-unreadable" where a key opens under neither of them; then nothing is changed
 */
export async function rotateMasterKey(db: Database, rotation: KeyRotation): Promise<RotatedKeys> {
  const { next, previous } = rotation;
  if (Buffer.from(next).equals(Buffer.from(previous))) {
    throw new DomainError("usage", "The new master key must differ from the previous one.");
  }
  return db.$transaction(
    async (tx) => {
      const siteCount = await resealSiteKeys(tx, rotation);
      const isSigningKeySealed = await resealSigningSeed(tx, rotation);
      if (siteCount > 0 || isSigningKeySealed) {
        await appendAudit(tx, {
          actorId: null,
          siteId: null,
          action: "platform.rotate-master-key",
          entityKind: "platform",
          entityId: "master-key",
          details: { siteCount },
        });
      }
      return { siteCount, isSigningKeySealed };
    },
    { timeout: 60_000, maxWait: 60_000 },
  );
}

async function resealSiteKeys(tx: Transaction, { next, previous }: KeyRotation): Promise<number> {
  const sites = await tx.$queryRaw<{ id: string; code: string; sealed: Uint8Array }[]>`
    select id, code, deidentification_key as sealed from sites
    where deidentification_key is not null order by id for update`;
  let count = 0;
  for (const { code, id, sealed } of sites) {
    if (tryOpen(() => openSiteKey(sealed, id, next)) !== undefined) continue;
    const key = tryOpen(() => openSiteKey(sealed, id, previous));
    if (key === undefined) throw opensUnderNeither(`the key of site ${code}`);
    await tx.site.update({ where: { id }, data: { deidentificationKey: sealSiteKey(key, id, next) } });
    count += 1;
  }
  return count;
}

async function resealSigningSeed(tx: Transaction, rotation: KeyRotation): Promise<boolean> {
  const { next, previous, publicKeyOf } = rotation;
  const row = await tx.platformSecret.findUnique({ where: { name: signingName } });
  let seed: Uint8Array | undefined;
  if (row === null) {
    seed = deriveKey(previous, "receipt signing");
    const newest = await tx.deidentificationReceipt.findFirst({ orderBy: { issuedAt: "desc" } });
    const isOther =
      newest !== null && signedReceiptSchema.parse(newest.content).publicKey !== publicKeyOf(seed);
    if (isOther) throw opensUnderNeither("the key that signed the newest receipt");
  } else {
    if (tryOpen(() => unseal(row.sealed, sealedFor(next))) !== undefined) return false;
    seed = tryOpen(() => unseal(row.sealed, sealedFor(previous)));
    if (seed === undefined) throw opensUnderNeither("the key that signs receipts");
  }
  const sealed = seal(seed, sealedFor(next));
  await tx.platformSecret.upsert({
    where: { name: signingName },
    create: { name: signingName, sealed },
    update: { sealed },
  });
  return true;
}

function tryOpen(open: () => Uint8Array): Uint8Array | undefined {
  try {
    return open();
  } catch {
    return undefined;
  }
}

const opensUnderNeither = (what: string) =>
  new DomainError(
    "site-key-unreadable",
    `Nothing was changed: ${what} belongs neither to CROSSREAD_MASTER_KEY_PREVIOUS nor to CROSSREAD_MASTER_KEY.`,
  );
