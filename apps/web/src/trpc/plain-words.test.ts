import { createTRPCClient, TRPCClientError, type TRPCLink } from "@trpc/client";
import { observable } from "@trpc/server/observable";
import { expect, test } from "vitest";
import type { RootRouter } from "../server/root.ts";
import { plainWords } from "./plain-words.ts";

function clientFailingWith(failure: TRPCClientError<RootRouter>) {
  const ending: TRPCLink<RootRouter> = () => () => observable((observer) => observer.error(failure));
  return createTRPCClient<RootRouter>({ links: [plainWords, ending] });
}

test("a change that does not reach the server fails in words that a person understands", async () => {
  const client = clientFailingWith(TRPCClientError.from(new TypeError("Failed to fetch")));
  await expect(client.validation.start.mutate({ validationRoundId: "a" })).rejects.toMatchObject({
    message: "Crossread does not answer. Nothing that was saved is lost.",
    data: undefined,
  });
});

test("what the server says is passed on, with its code", async () => {
  const client = clientFailingWith(
    TRPCClientError.from({ error: { message: "It is closed.", code: -32_009, data: { code: "CONFLICT" } } }),
  );
  await expect(client.validation.start.mutate({ validationRoundId: "a" })).rejects.toMatchObject({
    message: "It is closed.",
    data: { code: "CONFLICT" },
  });
});
