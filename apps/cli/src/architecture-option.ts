import { DomainError } from "@crossread/contracts/errors";
import { findPreset, presetNames, type ModelConfig } from "@crossread/model/config";

export const architectureHelp = `architecture: ${presetNames.join(", ")}`;

export function requirePreset(name: string): ModelConfig {
  const config = findPreset(name);
  if (config === undefined) {
    throw new DomainError("usage", `--architecture takes ${presetNames.join(", ")}, got "${name}".`);
  }
  return config;
}
