import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { DeidentificationReceipt } from "@crossread/contracts/deidentification-receipt";
import { DomainError } from "@crossread/contracts/errors";

/**
 * Every file of the receipt must be there with its digest; returns how many were checked. They lie in the directory itself or,
 * as deidentify writes them, in the study's folder in it.
 */
export async function verifyReceiptFiles(
  receipt: DeidentificationReceipt,
  directory: string,
): Promise<number> {
  for (const { sha256After, sopInstanceUid } of receipt.files) {
    const name = `${sopInstanceUid}.dcm`;
    const path = join(directory, name);
    const bytes = await readFile(path)
      .catch(() => readFile(join(directory, receipt.studyInstanceUid, name)))
      .catch((error: unknown) => {
        throw new DomainError(
          "file-missing",
          `The receipt lists ${name}, which is neither in ${directory} nor in the study's folder there.`,
          { cause: error },
        );
      });
    if (createHash("sha256").update(bytes).digest("hex") !== sha256After) {
      throw new DomainError(
        "receipt-invalid",
        `${name} in ${directory} is not the file that the receipt lists.`,
      );
    }
  }
  return receipt.files.length;
}
