import { DomainError } from "@crossread/contracts/errors";
import { openDatabase } from "@crossread/db/database";
import { rotateMasterKey } from "@crossread/db/platform-secret";
import { createReceiptSigner } from "@crossread/dicom/deidentify/receipt-signature";
import { describeFailure } from "./describe-failure.ts";
import { parseEnvironment } from "./env.ts";

/** Seals the keys in the database under CROSSREAD_MASTER_KEY instead of CROSSREAD_MASTER_KEY_PREVIOUS. */
async function rotate(): Promise<void> {
  const { databaseUrl, masterKey, previousMasterKey } = parseEnvironment();
  if (previousMasterKey === undefined) {
    throw new DomainError(
      "usage",
      "rotate-master-key needs the key until now in CROSSREAD_MASTER_KEY_PREVIOUS and the new one in CROSSREAD_MASTER_KEY.",
    );
  }
  const db = openDatabase(databaseUrl);
  try {
    const { isSigningKeySealed, siteCount } = await rotateMasterKey(db, {
      previous: previousMasterKey,
      next: masterKey,
      publicKeyOf: (seed) => createReceiptSigner(seed).publicKey,
    });
    const signing = isSigningKeySealed ? " and the key that signs receipts" : "";
    process.stdout.write(
      siteCount === 0 && !isSigningKeySealed
        ? "Every key is sealed under the new master key already.\n"
        : `${siteCount} site keys${signing} are sealed under the new master key.\n`,
    );
  } finally {
    await db.$disconnect();
  }
}

try {
  await rotate();
} catch (error) {
  process.stderr.write(`${describeFailure(error)}\n`);
  process.exitCode = 1;
}
