import { errorCodes, type ErrorCode } from "@crossread/contracts/errors";
import { z } from "zod";
import { storeSettingsSchema } from "../blob-store.ts";
import { taskContracts, type TaskName } from "../tasks/task-contracts.ts";

const taskNameSchema = z.enum(Object.keys(taskContracts) as [TaskName, ...TaskName[]]);
const errorCodeSchema = z.enum(Object.keys(errorCodes) as [ErrorCode, ...ErrorCode[]]);

/** Parent → child: a task, and the next one only after its result. */
export const startMessageSchema = z.strictObject({
  task: taskNameSchema,
  store: storeSettingsSchema,
  input: z.unknown(),
});
export type StartMessage = z.infer<typeof startMessageSchema>;

/** Child → parent: any number of events, then one result or one failure. */
export const childMessageSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("ready") }),
  z.strictObject({ kind: z.literal("event"), value: z.unknown() }),
  z.strictObject({ kind: z.literal("result"), value: z.unknown() }),
  z.strictObject({ kind: z.literal("failure"), code: errorCodeSchema.nullable(), message: z.string() }),
]);
export type ChildMessage = z.infer<typeof childMessageSchema>;
