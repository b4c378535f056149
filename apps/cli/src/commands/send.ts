import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type { Command } from "commander";
import { DomainError } from "@crossread/contracts/errors";
import { parseDeidentificationProfile } from "@crossread/dicom/deidentify/confidentiality-profile";
import { parseInteger } from "../arguments.ts";
import { readEnvironment } from "../env.ts";
import { printProgress, printResult } from "../output.ts";
import { filesBelow } from "../predict/image-jobs.ts";
import { openJournal } from "../send/sent-journal.ts";
import { sendFiles, type SendResult } from "../send/send-files.ts";

interface SendCommandOptions {
  readonly to: string;
  readonly token?: string;
  readonly siteKey?: string;
  readonly profile: string;
  readonly serverDeidentifies?: boolean;
  readonly journal?: string;
  readonly parallel: number;
  readonly json?: boolean;
}

const batchBytes = 32 * 1024 * 1024;
const progressIntervalMs = 1_000;

export function registerSend(program: Command): void {
  program
    .command("send")
    .description("De-identify DICOM files on this machine and send them to a site of the platform.")
    .argument("<PATH...>", "DICOM files, or directories of them")
    .requiredOption("--to <URL>", "address of the platform")
    .option("--token <TOKEN>", "token of the site that may send; default: $CROSSREAD_TOKEN")
    .option(
      "--site-key <FILE>",
      "the site's de-identification key: 32 bytes, or their hexadecimal or base64 text",
    )
    .option("--profile <NAME>", "de-identification profile", "crossread-mammography")
    .option(
      "--server-deidentifies",
      "send the files as they are, identities included, inside the site's own network",
    )
    .option(
      "--journal <FILE>",
      "what was sent already; default: one for each token under ~/.local/state/crossread",
    )
    .option("--parallel <N>", "requests at a time", parseInteger({ minimum: 1, maximum: 8 }), 2)
    .option("--json", "print one JSON object")
    .action(send);
}

async function send(paths: readonly string[], options: SendCommandOptions): Promise<void> {
  const token = options.token ?? readEnvironment().token;
  if (token === undefined) throw new DomainError("usage", "send needs --token, or CROSSREAD_TOKEN.");
  const url = serviceUrl(options.to);
  const deidentification = await deidentificationOf(options);
  const files = (await Promise.all(paths.map((path) => filesBelow(path)))).flat();
  if (files.length === 0) throw new DomainError("usage", `There are no files under ${paths.join(", ")}.`);
  let shownAt = 0;
  const start = performance.now();
  const result = await sendFiles(files, {
    target: {
      url,
      token,
      wait,
      onWait: (reason, ms) => printProgress(`${reason} Again in ${Math.ceil(ms / 1_000)} s.`),
    },
    deidentification,
    journal: await openJournal(options.journal ?? journalPath(url, token)),
    parallel: options.parallel,
    batchBytes,
    onProgress: ({ done, sentBytes, total }) => {
      if (performance.now() - shownAt < progressIntervalMs && done < total) return;
      shownAt = performance.now();
      printProgress(`${done} of ${total} files, ${(sentBytes / 1e6).toFixed(1)} MB`);
    },
  });
  const seconds = Number(((performance.now() - start) / 1_000).toFixed(2));
  printResult(options, { ...result, seconds }, describe(result, seconds));
  if (result.refused.length > 0) process.exitCode = 1;
}

function serviceUrl(text: string): string {
  if (!URL.canParse(text) || !/^https?:/i.test(text)) {
    throw new DomainError(
      "usage",
      `--to takes an address as in https://crossread.example.org, got "${text}".`,
    );
  }
  const url = new URL(text);
  const isLocal = ["localhost", "127.0.0.1", "[::1]"].includes(url.hostname);
  if (url.protocol === "http:" && !isLocal) {
    printProgress("crossread: the address is not https: token and images go over the network in the clear.");
  }
  const path = url.pathname.replace(/\/+$/, "");
  return `${url.origin}${path === "" ? "/api/dicomweb" : path}`;
}

async function deidentificationOf(options: SendCommandOptions) {
  const { profile, serverDeidentifies, siteKey } = options;
  if (serverDeidentifies === true) {
    if (siteKey === undefined) return undefined;
    throw new DomainError("usage", "Give --site-key or --server-deidentifies, not both.");
  }
  if (siteKey === undefined) {
    throw new DomainError(
      "usage",
      "send de-identifies with --site-key FILE. To leave that to the platform, say --server-deidentifies.",
    );
  }
  return {
    siteKey: parseSiteKey(await readFile(siteKey), siteKey),
    profile: parseDeidentificationProfile(profile),
  };
}

function parseSiteKey(content: Buffer, file: string): Uint8Array {
  const text = content.toString("latin1").trim();
  const key = /^[0-9a-f]{64}$/i.test(text)
    ? Buffer.from(text, "hex")
    : /^[A-Za-z0-9+/_-]{43}=?$/.test(text)
      ? Buffer.from(text, "base64")
      : content;
  if (key.length !== 32) {
    throw new DomainError("usage", `A site key has 32 bytes, but ${file} holds ${key.length}.`);
  }
  return new Uint8Array(key);
}

/** One for each address and token: what went to one site says nothing about another. */
function journalPath(url: string, token: string): string {
  const name = createHash("sha256").update(`${url} ${token}`).digest("hex").slice(0, 32);
  return join(homedir(), ".local/state/crossread", `sent-${name}.txt`);
}

function describe(result: SendResult, seconds: number): string {
  const lines = [
    `${result.sent} sent (${(result.sentBytes / 1e6).toFixed(1)} MB), ${result.known} sent before, ${result.refused.length} refused, ${result.held.length} held, in ${seconds} s`,
    ...result.refused.map(({ code, file, reason }) => `  ${file}: ${code}. ${reason}`),
    ...result.held.map(({ file, reason }) => `  ${file}: suspected-text. ${reason}`),
  ];
  return lines.join("\n");
}
