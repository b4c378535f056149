import type { ObjectStore } from "@crossread/storage/object-store";
import type { TaskEvent, TaskName } from "./task-contracts.ts";

export interface TaskContext<TName extends TaskName> {
  readonly store: ObjectStore;
  readonly emit: (event: TaskEvent<TName>) => Promise<void>;
}
