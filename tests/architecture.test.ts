import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { parseArrows, violations, workspaceOf, type SourceFile } from "./architecture-rules.ts";

const root = resolve(import.meta.dirname, "..");
const arrows = parseArrows(readFileSync(join(root, "ARCHITECTURE.md"), "utf8"));

function sourceFiles(): SourceFile[] {
  const listed = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], {
    cwd: root,
    encoding: "utf8",
  });
  return listed
    .split("\n")
    .filter((path) => /^(packages|apps)\/[\w-]+\/(src|e2e)\/.*\.tsx?$/.test(path))
    .map((path) => ({ path, text: readFileSync(join(root, path), "utf8") }));
}

const planted = (path: string, text: string) => violations([{ path, text }], arrows);

describe("the architecture", () => {
  test("has every workspace in ARCHITECTURE.md's table", () => {
    const workspaces = new Set(sourceFiles().map((file) => workspaceOf(file.path)));
    expect([...workspaces].filter((name) => name !== undefined && !arrows.has(name))).toEqual([]);
  });

  test("keeps every arrow, name and effect where it belongs", () => {
    expect(violations(sourceFiles(), arrows)).toEqual([]);
  });

  test("sees an import that points up", () => {
    expect(planted("packages/metrics/src/auc.ts", 'import { x } from "@crossread/model/config";')).toEqual([
      'packages/metrics/src/auc.ts: "metrics" may not import "model"',
    ]);
  });

  test("sees one app importing another", () => {
    expect(planted("apps/web/src/page.ts", 'const x = await import("@crossread/worker/main");')).toHaveLength(
      1,
    );
  });

  test("sees a relative import that leaves its workspace", () => {
    expect(planted("packages/model/src/a.ts", 'import { b } from "../../metrics/src/b.ts";')).toHaveLength(1);
  });

  test("sees a banned name, a camel-case name, an environment read and a clock", () => {
    expect(planted("packages/model/src/utils.ts", "")).toHaveLength(1);
    expect(planted("packages/model/src/fedAvg.ts", "")).toHaveLength(1);
    expect(planted("apps/web/src/page.ts", "process.env.X")).toHaveLength(1);
    expect(planted("packages/model/src/a.ts", "Date.now()")).toHaveLength(1);
  });
});
