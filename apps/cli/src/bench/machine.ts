import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { availableParallelism, cpus, loadavg } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";

export interface Machine {
  readonly processor: string;
  readonly cores: number;
  readonly platform: string;
  readonly node: string;
  readonly onnxRuntime: string;
  readonly loadAverage: number;
  /** Share of all cores' time that others used during a second before the bench, in [0, 1]. */
  readonly busyShare: number;
}

const busyLimit = 0.1;

export async function describeMachine(): Promise<Machine> {
  const before = cpuTimes();
  await sleep(1000);
  const after = cpuTimes();
  const total = after.total - before.total;
  return {
    processor: cpus()[0]?.model ?? "unknown",
    cores: availableParallelism(),
    platform: `${process.platform} ${process.arch}`,
    node: process.versions.node,
    onnxRuntime: packageVersion("onnxruntime-node"),
    loadAverage: loadavg()[0] ?? 0,
    busyShare: total === 0 ? 0 : 1 - (after.idle - before.idle) / total,
  };
}

export function machineText(machine: Machine): string {
  const { busyShare, cores, loadAverage, node, onnxRuntime, platform, processor } = machine;
  const lines = [
    `${processor}, ${cores} cores, ${platform}; Node ${node}, onnxruntime-node ${onnxRuntime}; load average ${loadAverage.toFixed(2)}, ${(100 * busyShare).toFixed(0)} % busy before the start`,
  ];
  if (busyShare > busyLimit) {
    lines.push("Warning: the machine is busy. Ratios stay comparable, absolute times do not.");
  }
  return lines.join("\n");
}

function cpuTimes(): { idle: number; total: number } {
  let idle = 0;
  let total = 0;
  for (const { times } of cpus()) {
    idle += times.idle;
    total += times.user + times.nice + times.sys + times.irq + times.idle;
  }
  return { idle, total };
}

function packageVersion(name: string): string {
  const file = createRequire(import.meta.url).resolve(`${name}/package.json`);
  const parsed = z.object({ version: z.string() }).safeParse(JSON.parse(readFileSync(file, "utf8")));
  return parsed.success ? parsed.data.version : "unknown";
}
