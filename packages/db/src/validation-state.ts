import { DomainError } from "@crossread/contracts/errors";
import { operatingPointRuleSchema, type OperatingPointRule } from "@crossread/contracts/operating-point";
import type { Database } from "./database.ts";
import type { ValidationState } from "./generated/enums.ts";
import type { Split } from "@crossread/contracts/split";
import { fromSplitRow } from "./split-row.ts";

export interface ValidationRow {
  readonly validationRoundId: string;
  readonly name: string;
  readonly cohortId: string;
  readonly split: Split;
  readonly state: ValidationState;
  readonly operatingPoint: OperatingPointRule;
  readonly checkpointIds: readonly string[];
}

export async function findValidation(
  db: Database,
  validationRoundId: string,
): Promise<ValidationRow | undefined> {
  const row = await db.validationRound.findUnique({
    where: { id: validationRoundId },
    select: {
      name: true,
      cohortId: true,
      split: true,
      state: true,
      operatingPoint: true,
      checkpoints: {
        select: { checkpointId: true },
        orderBy: [{ checkpoint: { roundNumber: "asc" } }, { checkpointId: "asc" }],
      },
    },
  });
  if (row === null) return undefined;
  const operatingPoint = operatingPointRuleSchema.safeParse(row.operatingPoint);
  if (!operatingPoint.success) {
    throw new DomainError(
      "plan-invalid",
      `The operating point of validation round ${validationRoundId} cannot be read.`,
    );
  }
  return {
    validationRoundId,
    name: row.name,
    cohortId: row.cohortId,
    split: fromSplitRow(row.split),
    state: row.state,
    operatingPoint: operatingPoint.data,
    checkpointIds: row.checkpoints.map(({ checkpointId }) => checkpointId),
  };
}

/** draft → running; true also where it runs already, so that a repeated job goes on. */
export async function claimValidation(db: Database, validationRoundId: string, at: Date): Promise<boolean> {
  const claimed = await db.validationRound.updateMany({
    where: { id: validationRoundId, state: "draft" },
    data: { state: "running", startedAt: at },
  });
  if (claimed.count === 1) return true;
  return (await db.validationRound.count({ where: { id: validationRoundId, state: "running" } })) === 1;
}

/** running → reading: the numbers are there, people read next. */
export async function finishValidation(db: Database, validationRoundId: string): Promise<boolean> {
  const finished = await db.validationRound.updateMany({
    where: { id: validationRoundId, state: "running" },
    data: { state: "reading" },
  });
  return finished.count === 1;
}

export async function failValidation(
  db: Database,
  validationRoundId: string,
  message: string,
): Promise<boolean> {
  const failed = await db.validationRound.updateMany({
    where: { id: validationRoundId, state: { in: ["draft", "running"] } },
    data: { state: "failed", failureMessage: message },
  });
  return failed.count === 1;
}

export async function listRunningValidations(db: Database): Promise<string[]> {
  const rows = await db.validationRound.findMany({ where: { state: "running" }, select: { id: true } });
  return rows.map(({ id }) => id);
}
