import type { ErrorCode } from "@crossread/contracts/errors";
import type { SiteProgress } from "@crossread/contracts/training-progress";
import type { Database } from "./database.ts";
import { toJsonColumn } from "./json-column.ts";

/** Proof of the latest claim: whatever is written under an older fence is refused. */
export interface UpdateClaim {
  readonly updateId: string;
  readonly fence: number;
}

/** Starts, or after a crash restarts, a site's part of a round; undefined where the round no longer waits for it. */
export async function claimUpdate(
  db: Database,
  claim: { roundId: string; siteId: string; at: Date },
): Promise<UpdateClaim | undefined> {
  const rows = await db.$queryRaw<{ id: string; fence: number }[]>`
    UPDATE site_updates u
    SET state = 'training', fence = u.fence + 1, started_at = COALESCE(u.started_at, ${claim.at})
    FROM training_rounds r JOIN training_runs t ON t.id = r.run_id
    WHERE r.id = u.round_id AND u.round_id = ${claim.roundId}::uuid AND u.site_id = ${claim.siteId}::uuid
      AND u.state IN ('pending', 'training') AND r.state = 'training' AND t.state = 'running'
    RETURNING u.id, u.fence`;
  const row = rows[0];
  return row === undefined ? undefined : { updateId: row.id, fence: row.fence };
}

/** Writes progress; false tells the caller that the round goes on without it and that it should stop. */
export async function reportProgress(
  db: Database,
  claim: UpdateClaim,
  progress: SiteProgress,
): Promise<boolean> {
  const written = await db.siteUpdate.updateMany({
    where: { ...inTraining(claim), round: { state: "training", run: { state: "running" } } },
    data: { progress: toJsonColumn(progress) },
  });
  return written.count === 1;
}

export async function isClaimHeld(db: Database, claim: UpdateClaim): Promise<boolean> {
  const held = await db.siteUpdate.count({
    where: { ...inTraining(claim), round: { state: "training", run: { state: "running" } } },
  });
  return held === 1;
}

export interface DeliveredUpdate {
  readonly exampleCount: number;
  readonly blobKey: string;
  readonly sha256: string;
}

/** training → received; false where the fence is stale, the round closed or an update is there already. */
export async function receiveUpdate(
  db: Database,
  claim: UpdateClaim,
  update: DeliveredUpdate,
): Promise<boolean> {
  return db.$transaction(async (tx) => {
    // The share lock keeps the round from closing between this look and the write.
    const open = await tx.$queryRaw<unknown[]>`
      SELECT 1 FROM training_rounds r JOIN site_updates u ON u.round_id = r.id
      WHERE u.id = ${claim.updateId}::uuid AND r.state = 'training' FOR SHARE OF r`;
    if (open.length === 0) return false;
    const received = await tx.siteUpdate.updateMany({
      where: inTraining(claim),
      data: { ...update, state: "received" },
    });
    return received.count === 1;
  });
}

export interface UpdateRefusal {
  readonly code: ErrorCode;
  readonly message: string;
  readonly at: Date;
}

/** The site itself cannot deliver; the reason is kept for people. */
export async function refuseUpdate(
  db: Database,
  claim: UpdateClaim,
  refusal: UpdateRefusal,
): Promise<boolean> {
  const refused = await db.siteUpdate.updateMany({
    where: inTraining(claim),
    data: {
      state: "refused",
      refusalCode: refusal.code,
      refusalMessage: refusal.message,
      finishedAt: refusal.at,
    },
  });
  return refused.count === 1;
}

const inTraining = (claim: UpdateClaim) =>
  ({ id: claim.updateId, fence: claim.fence, state: "training" }) as const;
