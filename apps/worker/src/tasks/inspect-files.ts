import { inspectFile } from "./inspect-file.ts";
import type { TaskContext } from "./task-context.ts";
import type { TaskInput, TaskOutput } from "./task-contracts.ts";

/** Looks at staged files one after the other; what they are is reported, not what they are called. */
export async function inspectFiles(
  input: TaskInput<"inspect-files">,
  context: TaskContext<"inspect-files">,
): Promise<TaskOutput<"inspect-files">> {
  for (const [index, key] of input.keys.entries()) {
    const bytes = await context.store.get(key);
    const outcome = await inspectFile(context.store, bytes, `file ${index + 1}`);
    await context.emit({ key, outcome });
  }
  return { count: input.keys.length };
}
