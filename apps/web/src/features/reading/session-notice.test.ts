import { expect, test } from "vitest";
import { sessionNotice } from "./session-notice.ts";

const session = { sessionMinutes: 120, breakAfterMinutes: 45, breakMinutes: 15, isOver: false };
const at = (minutes: number) => sessionNotice({ ...session, elapsedMs: minutes * 60_000 });

test("reminds of a break after each stretch, and not again within it", () => {
  expect(at(44)).toBeUndefined();
  expect(at(45)?.key).toBe("break 1");
  expect(at(89)?.key).toBe("break 1");
  expect(at(90)?.key).toBe("break 2");
  expect(at(45)?.text).toBe("You have read for 45 minutes. It is a good time for a break of 15 minutes.");
});

test("says before the cap is hit that the session ends, and when it has", () => {
  expect(at(109)?.key).toBe("break 2");
  expect(at(110)).toEqual({
    key: "ending",
    text: "The session ends in 10 minutes: then the case that is open can be finished, and reading continues after a break of 15 minutes.",
  });
  const over = sessionNotice({ ...session, elapsedMs: 121 * 60_000, isOver: true });
  expect(over?.text).toMatch(/is over\. Finish this case/);
});

test("does not speak of the end at the very beginning of a short session", () => {
  const short = { ...session, sessionMinutes: 10, breakAfterMinutes: 10 };
  expect(sessionNotice({ ...short, elapsedMs: 60_000 })).toBeUndefined();
  expect(sessionNotice({ ...short, elapsedMs: 5 * 60_000 })?.key).toBe("ending");
});
