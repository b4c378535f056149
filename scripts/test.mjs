// Runs before anything is installed: Node's own modules only.
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { install, repositoryRoot } from "./install.mjs";
import { requireNode } from "./node-version.mjs";
import { reportStep } from "./progress.mjs";

requireNode();
const results = join(repositoryRoot, "test-results");
/** @param {string} name */
const bin = (name) => join(repositoryRoot, "node_modules/.bin", name);

/**
 * Checks count as one test each; Vitest's projects count their own.
 * @type {({ name: string, title: string } & ({ command: string[], project?: undefined } | { project: string }))[]}
 */
const steps = [
  { name: "format", title: "Formatting", command: [bin("prettier"), "--check", "."] },
  { name: "lint", title: "Lint", command: [bin("oxlint"), "--type-aware", "--deny-warnings"] },
  { name: "types", title: "Types", command: [bin("turbo"), "run", "typecheck", "--output-logs=errors-only"] },
  { name: "root-types", title: "Types of scripts and tests", command: [bin("tsc"), "-p", "."] },
  { name: "knip", title: "Dead code and undeclared dependencies", command: [bin("knip")] },
  { name: "unit", title: "Unit tests", project: "unit" },
  { name: "integration", title: "Integration tests", project: "integration" },
  { name: "browser", title: "Browser tests", project: "browser" },
];

const { values } = parseArgs({
  options: { only: { type: "string" }, help: { type: "boolean", short: "h", default: false } },
});
if (values.help) {
  console.log(`Usage: npm test [-- --only ${steps.map((step) => step.name).join(",")}]`);
  process.exit(0);
}
const wanted = values.only?.split(",");
const unknown = wanted?.filter((name) => !steps.some((step) => step.name === name)) ?? [];
if (unknown.length > 0) {
  console.error(
    `There is no step ${unknown.join(", ")}: choose from ${steps.map((step) => step.name).join(", ")}.`,
  );
  process.exit(2);
}

console.log("Crossread tests");
install(reportStep);
mkdirSync(results, { recursive: true });

const total = { passed: 0, failed: 0, skipped: 0 };
for (const step of steps) {
  if (wanted !== undefined && !wanted.includes(step.name)) continue;
  const done = reportStep(step.title);
  const outcome = step.project === undefined ? await runCheck(step.command) : await runVitest(step.project);
  total.passed += outcome.passed;
  total.failed += outcome.failed;
  total.skipped += outcome.skipped;
  done(`${outcome.passed} passed, ${outcome.failed} failed, ${outcome.skipped} skipped`);
}
console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exit(total.failed === 0 && total.passed > 0 ? 0 : 1);

/** @param {string[]} command */
async function runCheck(command) {
  const { code, output } = await run(command);
  if (code !== 0) process.stdout.write(output);
  return { passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, skipped: 0 };
}

/** @param {string} project */
async function runVitest(project) {
  const report = join(results, `${project}.json`);
  rmSync(report, { force: true });
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
  const { code, output } = await run([bin("vitest"), "run", "--project", project, ...reporters]);
  if (!existsSync(report)) {
    process.stdout.write(output);
    return { passed: 0, failed: 1, skipped: 0 };
  }
  const summary = JSON.parse(readFileSync(report, "utf8"));
  listSkipped(summary);
  // A library's exit hook can end Vitest with 0 although tests failed: the report is asked, too.
  if (code !== 0 || summary.numFailedTests > 0) process.stdout.write(output);
  listFailed(summary);
  // A run can fail without a failed test: an error outside of any, or a file that does not load.
  const failed = Math.max(summary.numFailedTests, code === 0 ? 0 : 1);
  return { passed: summary.numPassedTests, failed, skipped: summary.numPendingTests + summary.numTodoTests };
}

/** @param {{ testResults: { assertionResults: { status: string, fullName: string }[] }[] }} summary */
function listSkipped(summary) {
  for (const file of summary.testResults) {
    for (const test of file.assertionResults) {
      if (test.status === "pending" || test.status === "skipped")
        console.log(`    skipped: ${test.fullName}`);
    }
  }
}

/** @param {{ testResults: { assertionResults: { status: string, fullName: string, failureMessages?: string[] }[] }[] }} summary */
function listFailed(summary) {
  for (const file of summary.testResults) {
    for (const test of file.assertionResults) {
      if (test.status !== "failed") continue;
      console.log(`    failed: ${test.fullName}`);
      for (const message of test.failureMessages ?? []) console.log(message.replace(/^/gm, "      "));
    }
  }
}

/**
 * @param {string[]} command
 * @returns {Promise<{ code: number, output: string }>}
 */
function run([file = "", ...args]) {
  return new Promise((resolve) => {
    const child = spawn(file, args, {
      cwd: repositoryRoot,
      stdio: ["ignore", "pipe", "pipe"],
      shell: process.platform === "win32",
      env: { ...process.env, FORCE_COLOR: "0", NO_COLOR: "1", TURBO_TELEMETRY_DISABLED: "1" },
    });
    let output = "";
    child.stdout.on("data", (chunk) => (output += chunk));
    child.stderr.on("data", (chunk) => (output += chunk));
    child.once("error", (error) => resolve({ code: 1, output: `${error.message}\n` }));
    child.once("exit", (code) => resolve({ code: code ?? 1, output }));
  });
}
