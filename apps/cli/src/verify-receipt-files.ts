import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { DeidentificationReceipt } from "@crossread/contracts/deidentification-receipt";
import { DomainError } from "@crossread/contracts/errors";

/** Every file of the receipt must be there with its digest; returns how many were checked. */
export async function verifyReceiptFiles(
  receipt: DeidentificationReceipt,
  directory: string,
): Promise<number> {
  for (const { sha256After, sopInstanceUid } of receipt.files) {
    const path = join(directory, `${sopInstanceUid}.dcm`);
    const bytes = await readFile(path).catch((error: unknown) => {
      throw new DomainError("file-missing", `The receipt lists ${path}, which is not there.`, {
        cause: error,
      });
    });
    if (createHash("sha256").update(bytes).digest("hex") !== sha256After) {
      throw new DomainError("receipt-invalid", `${path} is not the file that the receipt lists.`);
    }
  }
  return receipt.files.length;
}
