export interface SourceFile {
  /** Path from the repository root, forward slashes. */
  readonly path: string;
  readonly text: string;
}

/** Workspace name → names it may import; read from the table in ARCHITECTURE.md. */
export type Arrows = ReadonlyMap<string, ReadonlySet<string>>;

const bannedNames = /^(utils?|helpers?|common|shared|misc|lib|core|manager|types|constants|index)\.(ts|tsx)$/;
const nondeterminism = /\bMath\.random\(|\bDate\.now\(/;
const importPattern = /(?:\bfrom\s*|\bimport\s*\(\s*|\bimport\s+)["']([^"']+)["']/g;

/** Rows look like `| \`model\` | contracts, metrics | … |`; a dash means nothing. */
export function parseArrows(markdown: string): Arrows {
  const arrows = new Map<string, ReadonlySet<string>>();
  for (const match of markdown.matchAll(/^\|\s*`([\w-]+)`\s*\|\s*([^|]*)\|/gm)) {
    const names = (match[2] ?? "").split(",").map((name) => name.trim().replaceAll("`", ""));
    arrows.set(match[1] ?? "", new Set(names.filter((name) => name !== "" && name !== "–")));
  }
  return arrows;
}

export function violations(files: readonly SourceFile[], arrows: Arrows): string[] {
  return files.flatMap((file) => [
    ...importViolations(file, arrows),
    ...nameViolations(file),
    ...effectViolations(file),
  ]);
}

export function workspaceOf(path: string): string | undefined {
  return /^(?:packages|apps)\/([\w-]+)\//.exec(path)?.[1];
}

function importViolations(file: SourceFile, arrows: Arrows): string[] {
  const workspace = workspaceOf(file.path);
  if (workspace === undefined || isTest(file.path)) return [];
  const allowed = arrows.get(workspace);
  if (allowed === undefined) return [`${file.path}: ARCHITECTURE.md has no row for "${workspace}"`];
  const found: string[] = [];
  for (const match of file.text.matchAll(importPattern)) {
    const specifier = match[1] ?? "";
    const target = /^@crossread\/([\w-]+)/.exec(specifier)?.[1];
    if (target !== undefined && target !== workspace && !allowed.has(target)) {
      found.push(`${file.path}: "${workspace}" may not import "${target}"`);
    }
    if (specifier.startsWith(".") && leavesWorkspace(file.path, specifier)) {
      found.push(`${file.path}: relative import "${specifier}" leaves its workspace`);
    }
  }
  return found;
}

function leavesWorkspace(path: string, specifier: string): boolean {
  const resolved = new URL(specifier, `file:///${path}`).pathname.slice(1);
  return workspaceOf(resolved) !== workspaceOf(path);
}

function nameViolations(file: SourceFile): string[] {
  const name = file.path.split("/").at(-1) ?? "";
  const found: string[] = [];
  if (bannedNames.test(name)) found.push(`${file.path}: the name says nothing about what it is`);
  if (/[A-Z_]/.test(name)) found.push(`${file.path}: file names are kebab-case`);
  return found;
}

function effectViolations(file: SourceFile): string[] {
  if (isTest(file.path)) return [];
  const found: string[] = [];
  const isEnvironmentFile = /(^|\/)env\.ts$/.test(file.path);
  if (/^(packages|apps)\//.test(file.path) && !isEnvironmentFile && /\bprocess\.env\b/.test(file.text)) {
    found.push(`${file.path}: process.env is read in env.ts only`);
  }
  if (file.path.startsWith("packages/") && nondeterminism.test(file.text)) {
    found.push(`${file.path}: time and randomness are passed in`);
  }
  return found;
}

const isTest = (path: string): boolean =>
  /\.(test|spec|contract)\.tsx?$/.test(path) || path.includes("/e2e/") || path.includes("/testing/");
