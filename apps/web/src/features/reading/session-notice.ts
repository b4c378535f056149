interface Session {
  readonly elapsedMs: number;
  readonly sessionMinutes: number;
  readonly breakAfterMinutes: number;
  readonly breakMinutes: number;
  readonly isOver: boolean;
}

export interface SessionNotice {
  /** A notice that was put away comes back only as another one. */
  readonly key: string;
  readonly text: string;
}

const minuteMs = 60_000;
/** So long before its end the session is said to end. */
const warningMinutes = 10;

const minutes = (value: number): string => `${value} ${value === 1 ? "minute" : "minutes"}`;

/** What a reader is told of the session, if anything: a due break after each stretch, the coming end, the end. */
export function sessionNotice(session: Session): SessionNotice | undefined {
  const { sessionMinutes, breakAfterMinutes, breakMinutes } = session;
  const elapsed = Math.floor(session.elapsedMs / minuteMs);
  const pause = `a break of ${minutes(breakMinutes)}`;
  if (session.isOver) {
    return {
      key: "over",
      text: `The session of ${minutes(sessionMinutes)} is over. Finish this case; the next one opens after ${pause}.`,
    };
  }
  const left = sessionMinutes - elapsed;
  if (left <= Math.min(warningMinutes, sessionMinutes / 2)) {
    return {
      key: "ending",
      text: `The session ends in ${minutes(left)}: then the case that is open can be finished, and reading continues after ${pause}.`,
    };
  }
  const stretches = Math.floor(elapsed / breakAfterMinutes);
  if (stretches < 1) return undefined;
  return {
    key: `break ${stretches}`,
    text: `You have read for ${minutes(elapsed)}. It is a good time for ${pause}.`,
  };
}
