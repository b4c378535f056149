import { DomainError } from "@crossread/contracts/errors";
import type { ReaderStudySettings } from "@crossread/contracts/reader-study-settings";
import type { Database, Transaction } from "./database.ts";

export type SessionSettings = Pick<
  ReaderStudySettings,
  "sessionMinutes" | "breakAfterMinutes" | "breakMinutes"
>;

/** How long a person has been reading without a break. */
export interface ReadingSessionState extends SessionSettings {
  readonly elapsedMs: number;
  /** Then the case that is open can be finished, and no other be opened. */
  readonly isOver: boolean;
  /** When the next case opens if the reader stops now. */
  readonly continuesAt: Date;
}

const minuteMs = 60_000;
/** Activity is written down no more often than this: every saved draft is one. */
const grainMs = 10_000;
const sessionLock = 7_243_092;

interface SessionKey {
  readonly readerId: string;
  readonly settings: SessionSettings;
  readonly now: Date;
}

/** The session goes on, or a new one begins after a pause that was long enough to end the last one. */
export async function recordReadingActivity(tx: Transaction, key: SessionKey): Promise<void> {
  const current = await findCurrent(tx, key);
  if (current === undefined) {
    await tx.$executeRaw`select pg_advisory_xact_lock(${sessionLock}, hashtext(${key.readerId}))`;
    if ((await findCurrent(tx, key)) !== undefined) return;
    await tx.readingSession.create({
      data: { readerId: key.readerId, startedAt: key.now, lastActiveAt: key.now },
    });
  } else if (key.now.getTime() - current.lastActiveAt.getTime() >= grainMs) {
    await tx.readingSession.update({ where: { id: current.id }, data: { lastActiveAt: key.now } });
  }
}

async function findCurrent(db: Database | Transaction, { readerId, settings, now }: SessionKey) {
  const session = await db.readingSession.findFirst({
    where: { readerId },
    orderBy: { startedAt: "desc" },
    select: { id: true, startedAt: true, lastActiveAt: true },
  });
  if (session === null) return undefined;
  const pauseMs = now.getTime() - session.lastActiveAt.getTime();
  return pauseMs >= settings.breakMinutes * minuteMs ? undefined : session;
}

export async function loadReadingSession(
  db: Database | Transaction,
  key: SessionKey,
): Promise<ReadingSessionState> {
  const current = await findCurrent(db, key);
  const { sessionMinutes, breakAfterMinutes, breakMinutes } = key.settings;
  const elapsedMs = current === undefined ? 0 : key.now.getTime() - current.startedAt.getTime();
  const lastActiveAt = current?.lastActiveAt ?? key.now;
  return {
    sessionMinutes,
    breakAfterMinutes,
    breakMinutes,
    elapsedMs,
    isOver: elapsedMs >= sessionMinutes * minuteMs,
    continuesAt: new Date(lastActiveAt.getTime() + breakMinutes * minuteMs),
  };
}

/** @throws {DomainError} "conflict" where the reader has read for as long as the study allows at a stretch */
export async function assertSessionNotOver(db: Database | Transaction, key: SessionKey): Promise<void> {
  const session = await loadReadingSession(db, key);
  if (!session.isOver) return;
  const waitMinutes = Math.max(1, Math.ceil((session.continuesAt.getTime() - key.now.getTime()) / minuteMs));
  throw new DomainError(
    "conflict",
    `You have read for ${Math.floor(session.elapsedMs / minuteMs)} minutes, and a session of this study lasts at most ${session.sessionMinutes}: the next case opens in ${waitMinutes} ${waitMinutes === 1 ? "minute" : "minutes"}, after a break of ${session.breakMinutes}.`,
    { details: { continuesAt: session.continuesAt.toISOString() } },
  );
}
