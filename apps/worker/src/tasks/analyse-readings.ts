import { analyseStudy } from "../reader-study/analyse-study.ts";
import type { TaskContext } from "./task-context.ts";
import type { TaskInput, TaskOutput } from "./task-contracts.ts";

export async function analyseReadings(
  input: TaskInput<"analyse-readings">,
  context: TaskContext<"analyse-readings">,
): Promise<TaskOutput<"analyse-readings">> {
  return analyseStudy(input, (share) => context.emit({ share }));
}
