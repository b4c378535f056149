import { spawn, type ChildProcess } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, chmod, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { TestProject } from "vitest/node";
import type { LocalSecrets } from "../scripts/platform/local-secrets.ts";
import { findFreePort } from "../scripts/platform/ports.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** Undefined where no browser is installed. */
    platformUrl: string | undefined;
    /** Undefined where a platform that runs already does not say where its data are. */
    platformDatabaseUrl: string | undefined;
    chromiumPath: string | undefined;
    screenshotDirectory: string;
    /** For images that a test brings: the same in every run, others on a platform that goes on and has those already. */
    contentSeed: number;
    /** CROSSREAD_SCREENSHOTS names a folder for photographs of every state of the reading room. */
    isEveryStateWanted: boolean;
  }
}

const root = resolve(import.meta.dirname, "..");
const chromiumPaths = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
const demonstrationReady = /^ {2}Demonstration: completed/m;
const demonstrationFailed = /^ {2}Demonstration: failed.*$/m;
const timeoutMs = 15 * 60_000;

/**
 * `npm start` as a user would run it, on a data directory of its own, until its demonstration content is complete.
 * CROSSREAD_TEST_PLATFORM_URL names a platform that runs already and is used instead, CROSSREAD_TEST_PLATFORM_DATA its
 * data directory.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const chromiumPath = process.env["CHROMIUM_PATH"] ?? chromiumPaths.find((path) => existsSync(path));
  const statesDirectory = process.env["CROSSREAD_SCREENSHOTS"];
  const screenshotDirectory = resolve(root, statesDirectory ?? "test-results/screenshots");
  await mkdir(screenshotDirectory, { recursive: true });
  project.provide("chromiumPath", chromiumPath);
  project.provide("screenshotDirectory", screenshotDirectory);
  project.provide("contentSeed", 21);
  project.provide("isEveryStateWanted", statesDirectory !== undefined);
  if (chromiumPath === undefined) {
    project.provide("platformUrl", undefined);
    project.provide("platformDatabaseUrl", undefined);
    return async () => undefined;
  }
  const running = process.env["CROSSREAD_TEST_PLATFORM_URL"];
  if (running !== undefined && running !== "") {
    const data = process.env["CROSSREAD_TEST_PLATFORM_DATA"];
    project.provide("platformUrl", running);
    project.provide("contentSeed", Date.now() % 1_000_000);
    project.provide("platformDatabaseUrl", data === undefined ? undefined : await databaseUrlOf(data));
    return async () => undefined;
  }
  const directory = await mkdtemp(join(tmpdir(), "crossread-platform-"));
  await chmod(directory, 0o755);
  const port = await findFreePort();
  const launcher = spawn(
    process.execPath,
    ["scripts/start.mjs", "--port", String(port), "--data", directory],
    {
      cwd: root,
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, NODE_ENV: "production", VITEST: "" },
    },
  );
  const output = await waitFor(launcher, demonstrationReady);
  await writeFile(join(root, "test-results/npm-start.log"), output);
  project.provide("platformUrl", `http://localhost:${port}`);
  project.provide("platformDatabaseUrl", await databaseUrlOf(directory));
  return async () => {
    if (launcher.exitCode === null && launcher.signalCode === null) {
      const ended = new Promise((resolveEnded) => launcher.once("exit", resolveEnded));
      launcher.kill("SIGINT");
      await ended;
    }
    await rm(directory, { recursive: true, force: true });
  };
}

/** As the platform itself takes it: what the environment names, else the embedded server of the data directory. */
async function databaseUrlOf(dataDirectory: string): Promise<string> {
  const { postgresPassword, postgresPort } = JSON.parse(
    await readFile(join(dataDirectory, "secrets.json"), "utf8"),
  ) as LocalSecrets;
  return (
    process.env["DATABASE_URL"] ??
    `postgresql://crossread:${encodeURIComponent(postgresPassword)}@127.0.0.1:${postgresPort}/crossread`
  );
}

function waitFor(launcher: ChildProcess, pattern: RegExp): Promise<string> {
  return new Promise((resolveOutput, reject) => {
    let output = "";
    const timer = setTimeout(() => {
      launcher.kill("SIGINT");
      reject(new Error(`npm start did not reach "${pattern.source}" in time:\n${output}`));
    }, timeoutMs);
    const take = (chunk: Buffer) => {
      output += chunk.toString();
      const failure = demonstrationFailed.exec(output);
      if (failure !== null) {
        clearTimeout(timer);
        launcher.kill("SIGINT");
        reject(new Error(failure[0]));
      }
      if (!pattern.test(output)) return;
      clearTimeout(timer);
      resolveOutput(output);
    };
    launcher.stdout?.on("data", take);
    launcher.stderr?.on("data", take);
    launcher.once("exit", (code) => {
      clearTimeout(timer);
      reject(new Error(`npm start ended with ${code}:\n${output}`));
    });
  });
}
