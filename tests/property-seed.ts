import { readFileSync } from "node:fs";
import { expect } from "vitest";

/**
 * Property tests draw the same cases in every run, so that a change is judged by what it changes. CROSSREAD_PROPERTY_SEED
 * looks elsewhere: a number is that seed, "random" another one each time.
 */
const wanted = process.env["CROSSREAD_PROPERTY_SEED"] ?? "20261123";
const { testPath } = expect.getState();

// Loading the library takes longer than most test files.
if (wanted !== "random" && testPath !== undefined && readFileSync(testPath, "utf8").includes("fast-check")) {
  const { configureGlobal } = await import("fast-check");
  configureGlobal({ seed: Number(wanted) });
}
