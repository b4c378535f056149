import type { Command } from "commander";
import { DomainError } from "@crossread/contracts/errors";
import { parseDeidentificationProfile } from "@crossread/dicom/deidentify/confidentiality-profile";
import { deidentifyFolder, type FolderOutcome } from "../deidentify-folder.ts";
import { openSiteKey } from "../site-key-file.ts";
import { printProgress, printResult } from "../output.ts";

interface DeidentifyOptions {
  readonly out: string;
  readonly profile: string;
  readonly siteKey?: string;
  readonly json?: boolean;
}

export function registerDeidentify(program: Command): void {
  program
    .command("deidentify")
    .description(
      "Take the person out of DICOM images by PS3.15; one signed receipt per study lists what was done.",
    )
    .argument("<IN...>", "DICOM files, or directories of them")
    .requiredOption("--out <DIR>", "directory to write; it must be new or empty")
    .option(
      "--profile <P>",
      "crossread-mammography or basic, with options: basic+retain-modified-dates",
      "crossread-mammography",
    )
    .option(
      "--site-key <FILE>",
      "the key that pseudonyms come from, 32 bytes; made where there is no such file",
    )
    .option("--json", "print one JSON object")
    .action(async (inputs: string[], options: DeidentifyOptions) => {
      const profile = parseDeidentificationProfile(options.profile);
      const key = await openSiteKey(options.siteKey);
      const outcome = await deidentifyFolder(inputs, {
        profile,
        siteKey: key.bytes,
        directory: options.out,
        onProgress: (done, total) => {
          if (done % 50 === 0 || done === total) printProgress(`${done} of ${total} files`);
        },
      });
      const [refused] = outcome.refused;
      if (outcome.files.length === 0 && refused !== undefined) {
        throw new DomainError(refused.code, refused.reason);
      }
      for (const { reason } of outcome.refused) printProgress(`crossread: ${reason}`);
      const result = { out: options.out, profile: profile.name, keyOrigin: key.origin, ...outcome };
      printResult(options, result, describe(outcome, key.origin, options.out));
    });
}

const keyNotes = {
  given: "",
  made: " A new site key was written; keep it, or nobody gets the same pseudonym again.",
  "thrown-away":
    " Without --site-key the key was thrown away: the next run gives the same women other pseudonyms.",
};

function describe(outcome: FolderOutcome, keyOrigin: keyof typeof keyNotes, directory: string): string {
  const { duplicateCount, files, publicKey, refused, studies } = outcome;
  const subjectCount = new Set(files.map(({ pseudonym }) => pseudonym)).size;
  return [
    `${files.length} files of ${studies.length} studies and ${subjectCount} patients are in ${directory}; ${refused.length} were refused, ${duplicateCount} were there twice.${keyNotes[keyOrigin]}`,
    `Receipts are signed with the key ${publicKey}.`,
  ].join("\n");
}
