/** Measures one task in blocks of steps when told to, and sleeps in between; see contestant.ts for the lines it speaks. */
import { createInterface } from "node:readline";
import { z } from "zod";
import { prepareTask } from "./prepare-task.ts";
import { taskSchema } from "./task.ts";

const requestSchema = z.strictObject({ steps: z.int().min(0) });
const say = (message: object) => process.stdout.write(`${JSON.stringify(message)}\n`);

const { info, step } = await prepareTask(taskSchema.parse(JSON.parse(process.argv[2] ?? "")));
say({ info });
for await (const line of createInterface({ input: process.stdin })) {
  const ms: number[] = [];
  const { steps } = requestSchema.parse(JSON.parse(line));
  for (let index = 0; index < steps; index++) {
    const start = performance.now();
    await step();
    ms.push(performance.now() - start);
  }
  say({ ms });
}
process.exit(0);
