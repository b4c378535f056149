import { TRPCClientError } from "@trpc/client";
import { expect, test } from "vitest";
import { failureText } from "./failure-text.ts";

test("the words of a browser without a connection are not shown", () => {
  const lost = TRPCClientError.from(new TypeError("Failed to fetch"));
  expect(failureText(lost)).toBe("Crossread does not answer. Nothing that was saved is lost.");
});

test("the words of the server are", () => {
  const refused = TRPCClientError.from({
    error: { message: "The study is closed.", code: -32_009, data: { code: "CONFLICT", httpStatus: 409 } },
  });
  expect(failureText(refused)).toBe("The study is closed.");
  expect(failureText(new Error("No WebGL."))).toBe("No WebGL.");
});
