import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { DomainError } from "@crossread/contracts/errors";

const interpreters = ["/usr/bin/python3", "python3"];

export const baselineScript = (name: string): string =>
  fileURLToPath(new URL(`../../../../bench/baselines/${name}`, import.meta.url));

/** The first Python that imports all of these modules; Debian's names of their packages are for the refusal. */
export function findPython(modules: readonly string[], packages: readonly string[]): string {
  const script = modules.map((name) => `import ${name}`).join("; ");
  const found = interpreters.find(
    (interpreter) => spawnSync(interpreter, ["-c", script], { stdio: "ignore" }).status === 0,
  );
  if (found === undefined) {
    throw new DomainError(
      "engine-unavailable",
      `no python3 imports ${modules.join(" and ")}: apt-get install ${packages.join(" ")}.`,
    );
  }
  return found;
}
