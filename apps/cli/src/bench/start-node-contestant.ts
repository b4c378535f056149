import { fileURLToPath } from "node:url";
import { computingEnvironment } from "../env.ts";
import { startContestant, type Contestant } from "./contestant.ts";
import type { Task } from "./task.ts";

const entry = fileURLToPath(new URL("./node-contestant.ts", import.meta.url));

/** A task in a Node process of its own, with the environment in which computing processes run. */
export const startNodeContestant = (name: string, task: Task): Promise<Contestant> =>
  startContestant({
    name,
    command: process.execPath,
    argv: ["--import", import.meta.resolve("tsx"), entry, JSON.stringify(task)],
    environment: computingEnvironment(),
  });
