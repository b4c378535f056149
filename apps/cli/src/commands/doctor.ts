import { accessSync, constants, existsSync } from "node:fs";
import type { Command } from "commander";
import { listExecutionProviders } from "@crossread/tfjs-onnx/execution-providers";
import { readEnvironment, type CliEnvironment } from "../env.ts";
import { printResult } from "../output.ts";
import { probeService } from "../service-probe.ts";

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
      const environment = readEnvironment();
      const findings = [
        { name: "node", isPresent: true, detail: process.versions.node },
        ...(await engineFindings()),
        ...(await serviceFindings(environment)),
        ...directoryFindings(environment),
        chromiumFinding(),
      ];
      const text = findings
        .map((finding) => `${finding.isPresent ? "✓" : "–"} ${finding.name.padEnd(18)} ${finding.detail}`)
        .join("\n");
      printResult(options, { findings }, text);
    });
}

const remedies = {
  cpu: "reinstall with npm ci",
  webgpu: "optional; needs a GPU with a Vulkan, Metal or Direct3D driver",
  cuda: "optional; on a machine with CUDA run npm rebuild onnxruntime-node with install scripts on",
};

/** ONNX Runtime puts the place in its sources before what it has to say. */
const lastSentence = (reason: string): string => reason.split(" was false. ").at(-1) ?? reason;

async function engineFindings(): Promise<Finding[]> {
  const providers = await listExecutionProviders();
  const onnx = providers.map((provider) => ({
    name: `onnx ${provider.name}`,
    isPresent: provider.isUsable,
    detail:
      provider.reason === undefined
        ? "computes correctly"
        : `${lastSentence(provider.reason)}; ${remedies[provider.name]}`,
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

async function serviceFindings(environment: CliEnvironment): Promise<Finding[]> {
  const services = [
    {
      name: "postgresql",
      address: environment.databaseUrl,
      absent: "DATABASE_URL is not set: npm start brings its own",
    },
    {
      name: "redis",
      address: environment.redisUrl,
      absent: "REDIS_URL is not set: the queue runs on PostgreSQL",
    },
    { name: "s3", address: environment.s3Endpoint, absent: "S3_ENDPOINT is not set: blobs are files" },
  ];
  return Promise.all(
    services.map(async ({ absent, address, name }) => {
      if (address === undefined) return { name, isPresent: true, detail: absent };
      const probe = await probeService(address);
      return probe.isReachable
        ? { name, isPresent: true, detail: "listens" }
        : {
            name,
            isPresent: false,
            detail: `does not answer (${probe.reason}): start it or unset its variable`,
          };
    }),
  );
}

function directoryFindings(environment: CliEnvironment): Finding[] {
  const data = ".crossread";
  const testData = environment.testDataDirectory;
  return [
    {
      name: "data directory",
      isPresent: isWritable(existsSync(data) ? data : "."),
      detail: existsSync(data) ? `${data} is there` : `${data} is made at the first npm start`,
    },
    {
      name: "test data",
      isPresent: testData !== undefined && existsSync(testData),
      detail: testData ?? "optional, for tests on real images: set CROSSREAD_TESTDATA",
    },
  ];
}

function isWritable(directory: string): boolean {
  try {
    accessSync(directory, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

function chromiumFinding(): Finding {
  const path = chromiumPaths.find((candidate) => existsSync(candidate));
  return {
    name: "chromium",
    isPresent: path !== undefined,
    detail: path ?? "needed by the browser tests only: install Debian's package chromium",
  };
}
