import { TRPCClientError } from "@trpc/client";
import { expect, test } from "vitest";
import { isAnswered } from "./is-answered.ts";

const refusedWith = (code: string, httpStatus: number) =>
  TRPCClientError.from({ error: { message: "No.", code: -32_000, data: { code, httpStatus } } });

test("what the server refuses is not sent again, but for what it says to try again", () => {
  expect(isAnswered(refusedWith("CONFLICT", 409))).toBe(true);
  expect(isAnswered(refusedWith("SERVICE_UNAVAILABLE", 503))).toBe(false);
  expect(isAnswered(TRPCClientError.from(new TypeError("Failed to fetch")))).toBe(false);
});
