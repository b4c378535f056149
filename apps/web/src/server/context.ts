import type { Database } from "@crossread/db/database";
import type { Actor } from "@crossread/db/people";
import type { QueueClient } from "@crossread/queue/queue-client";

export interface RequestContext {
  readonly actor: Actor | undefined;
  readonly db: Database;
  readonly queue: () => Promise<Pick<QueueClient, "enqueue">>;
}
