import { readFile } from "node:fs/promises";
import type { Command } from "commander";
import { type SignedReceipt, signedReceiptSchema } from "@crossread/contracts/deidentification-receipt";
import { DomainError } from "@crossread/contracts/errors";
import { isReceiptGenuine } from "@crossread/dicom/deidentify/receipt-signature";
import { verifyReceiptFiles } from "../verify-receipt-files.ts";
import { printResult } from "../output.ts";

interface VerifyReceiptOptions {
  readonly key?: string;
  readonly files?: string;
  readonly json?: boolean;
}

export function registerVerifyReceipt(program: Command): void {
  program
    .command("verify-receipt")
    .description(
      "Check the signature of a de-identification receipt and, with --files, the digests of its files.",
    )
    .argument("<FILE>", "receipt, as downloaded or written by deidentify")
    .option("--key <PUB>", "the public key that must have signed it: base64url, or a file that holds it")
    .option(
      "--files <DIR>",
      "directory with the files that the receipt lists, as <SOP Instance UID>.dcm, or what deidentify wrote",
    )
    .option("--json", "print one JSON object")
    .action(async (file: string, options: VerifyReceiptOptions) => {
      const signed = await readReceipt(file);
      const key = options.key === undefined ? signed.publicKey : await readKey(options.key);
      if (!isReceiptGenuine(signed, key)) {
        throw new DomainError(
          "receipt-invalid",
          `${file} is not what ${options.key === undefined ? "the key that it names" : "that key"} signed.`,
        );
      }
      const checkedFileCount =
        options.files === undefined ? null : await verifyReceiptFiles(signed.receipt, options.files);
      const { files, pseudonym, studyInstanceUid } = signed.receipt;
      const result = {
        isGenuine: true,
        isKeyPinned: options.key !== undefined,
        publicKey: key,
        studyInstanceUid,
        pseudonym,
        fileCount: files.length,
        checkedFileCount,
      };
      const whose = options.key === undefined ? " Give --key to check whose key that is." : "";
      const checked = checkedFileCount === null ? "" : " Its files are there and unchanged.";
      printResult(
        options,
        result,
        `The receipt of study ${studyInstanceUid} (${pseudonym}, ${files.length} ${files.length === 1 ? "file" : "files"}) is what ${key} signed.${checked}${whose}`,
      );
    });
}

async function readReceipt(file: string): Promise<SignedReceipt> {
  const text = await readFile(file, "utf8").catch((error: unknown) => {
    throw new DomainError("file-missing", `There is no receipt ${file}.`, { cause: error });
  });
  try {
    return signedReceiptSchema.parse(JSON.parse(text));
  } catch (error) {
    throw new DomainError("receipt-invalid", `${file} is no de-identification receipt.`, { cause: error });
  }
}

/** A key of 32 bytes is 43 characters of base64url; anything else names a file. */
async function readKey(given: string): Promise<string> {
  if (/^[A-Za-z0-9_-]{43}$/.test(given)) return given;
  const text = await readFile(given, "utf8").catch((error: unknown) => {
    throw new DomainError("file-missing", `--key is neither a key nor a file that holds one: ${given}.`, {
      cause: error,
    });
  });
  return text.trim();
}
