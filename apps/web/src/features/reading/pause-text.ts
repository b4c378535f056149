export interface ReadingPause {
  readonly reason: "session" | "washout";
  readonly continuesAt: Date;
}

const timeOfDay = new Intl.DateTimeFormat(undefined, { timeStyle: "short" });
const day = new Intl.DateTimeFormat(undefined, { dateStyle: "long" });

/** Why nothing may be read now and when it goes on, in the reader's own time. */
export function pauseText({ reason, continuesAt }: ReadingPause): string {
  return reason === "session"
    ? `The session is over: it continues at ${timeOfDay.format(continuesAt)}.`
    : `Continues on ${day.format(continuesAt)}, after the washout.`;
}
