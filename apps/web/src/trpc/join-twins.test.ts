import { createTRPCClient, TRPCClientError, type TRPCLink } from "@trpc/client";
import { observable } from "@trpc/server/observable";
import { describe, expect, test } from "vitest";
import type { RootRouter } from "../server/root.ts";
import { joinTwins } from "./join-twins.ts";

/** Ends a chain; what was asked is answered by hand, in any order. */
function setting() {
  const asked: { path: string; answer: (data: unknown) => void; refuse: (message: string) => void }[] = [];
  const byHand: TRPCLink<RootRouter> =
    () =>
    ({ op }) =>
      observable((observer) => {
        asked.push({
          path: op.path,
          answer: (data) => {
            observer.next({ result: { type: "data", data } });
            observer.complete();
          },
          refuse: (message) => observer.error(TRPCClientError.from(new Error(message))),
        });
      });
  const client = createTRPCClient<RootRouter>({ links: [joinTwins, byHand] });
  return {
    asked,
    start: (validationRoundId: string) => client.validation.start.mutate({ validationRoundId }),
  };
}

describe("the same change asked for twice", () => {
  test("is made once while it is under way, and both askers get its answer", async () => {
    const { asked, start } = setting();
    const both = Promise.all([start("a"), start("a")]);
    expect(asked).toHaveLength(1);
    asked[0]?.answer("started");
    expect(await both).toEqual(["started", "started"]);
  });

  test("fails for both, and may be tried again", async () => {
    const { asked, start } = setting();
    const both = Promise.allSettled([start("a"), start("a")]);
    asked[0]?.refuse("No.");
    expect((await both).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    const again = start("a");
    expect(asked).toHaveLength(2);
    asked[1]?.answer("started");
    expect(await again).toBe("started");
  });

  test("is two changes where the input differs, or when the first was answered before", async () => {
    const { asked, start } = setting();
    const others = Promise.all([start("a"), start("b")]);
    expect(asked).toHaveLength(2);
    asked[0]?.answer("one");
    asked[1]?.answer("two");
    expect(await others).toEqual(["one", "two"]);
    const later = start("a");
    expect(asked).toHaveLength(3);
    asked[2]?.answer("three");
    expect(await later).toBe("three");
  });
});
