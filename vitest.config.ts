import { defineConfig } from "vitest/config";

/** What is waited for comes in milliseconds, and in seconds where many others want the machine. */
const expectation = { poll: { timeout: 30_000 } };
const setupFiles = ["tests/property-seed.ts"];
const exclude = ["**/node_modules/**", "**/.next/**"];

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          include: ["packages/*/src/**/*.test.ts", "apps/*/src/**/*.test.ts", "tests/**/*.test.ts"],
          exclude: [...exclude, "**/*.int.test.ts"],
          setupFiles,
          expect: expectation,
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: "integration",
          include: [
            "packages/*/src/**/*.int.test.ts",
            "apps/*/src/**/*.int.test.ts",
            "tests/**/*.int.test.ts",
          ],
          exclude,
          globalSetup: ["tests/postgres-setup.ts"],
          setupFiles,
          expect: expectation,
          testTimeout: 240_000,
          hookTimeout: 240_000,
        },
      },
      {
        test: {
          name: "browser",
          include: ["apps/web/e2e/**/*.spec.ts"],
          exclude,
          globalSetup: ["tests/platform-setup.ts"],
          expect: expectation,
          testTimeout: 240_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
