import { existsSync } from "node:fs";
import type { Command } from "commander";
import { listExecutionProviders } from "@crossread/tfjs-onnx/execution-providers";
import { printResult } from "../output.ts";

interface Finding {
  readonly name: string;
  readonly isPresent: boolean;
  readonly detail: string;
}

const chromiumPaths = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

export function registerDoctor(program: Command): void {
  program
    .command("doctor")
    .description("What this machine has, what is missing and how to get it.")
    .option("--json", "print one JSON object")
    .action(async (options: { json?: boolean }) => {
      const findings = [
        { name: "node", isPresent: true, detail: process.versions.node },
        ...(await engineFindings()),
        testDataFinding(),
        chromiumFinding(),
      ];
      const text = findings
        .map((finding) => `${finding.isPresent ? "✓" : "–"} ${finding.name.padEnd(18)} ${finding.detail}`)
        .join("\n");
      printResult(options, { findings }, text);
    });
}

async function engineFindings(): Promise<Finding[]> {
  const providers = await listExecutionProviders();
  const onnx = providers.map((provider) => ({
    name: `onnx ${provider.name}`,
    isPresent: provider.isUsable,
    detail: provider.reason ?? "computes correctly",
  }));
  return [...onnx, await tensorflowFinding()];
}

async function tensorflowFinding(): Promise<Finding> {
  for (const name of ["@tensorflow/tfjs-node-gpu", "@tensorflow/tfjs-node"]) {
    try {
      import.meta.resolve(name);
      return { name: "tensorflow", isPresent: true, detail: name };
    } catch {
      continue;
    }
  }
  return {
    name: "tensorflow",
    isPresent: false,
    detail: "optional; npm install @tensorflow/tfjs-node-gpu with install scripts on, Node 20 or 22",
  };
}

function testDataFinding(): Finding {
  const detail = "optional, for tests on real images: set CROSSREAD_TESTDATA to its directory";
  return { name: "test data", isPresent: existsSync("../shared/data"), detail };
}

function chromiumFinding(): Finding {
  const path = chromiumPaths.find((candidate) => existsSync(candidate));
  return {
    name: "chromium",
    isPresent: path !== undefined,
    detail: path ?? "needed by the browser tests only: install Debian's package chromium",
  };
}
