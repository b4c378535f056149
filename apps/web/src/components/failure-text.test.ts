import { TRPCClientError } from "@trpc/client";
import { expect, test } from "vitest";
import { failureText, isWorthAnotherTry } from "./failure-text.ts";

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

const answered = (message: string, code: string) =>
  TRPCClientError.from({ error: { message, code: -32_600, data: { code } } });

test("what zod found wrong with an input is not shown as it is", () => {
  const issues = answered('[{ "code": "invalid_format", "path": ["studyId"] }]', "BAD_REQUEST");
  expect(failureText(issues)).toBe(
    "The address or the form holds a value that Crossread does not understand.",
  );
  expect(failureText(answered("A round takes one to ten checkpoints.", "BAD_REQUEST"))).toBe(
    "A round takes one to ten checkpoints.",
  );
});

test("a refusal does not name the procedure", () => {
  const refusal = answered("None of your roles may use cohorts.preview.", "FORBIDDEN");
  expect(failureText(refusal)).toBe("Your roles do not include this.");
});

test("another try is offered where the answer may change", () => {
  expect(isWorthAnotherTry(answered("There is no study.", "NOT_FOUND"))).toBe(false);
  expect(isWorthAnotherTry(answered("You may not.", "FORBIDDEN"))).toBe(false);
  expect(isWorthAnotherTry(answered("Something failed.", "INTERNAL_SERVER_ERROR"))).toBe(true);
  expect(isWorthAnotherTry(TRPCClientError.from(new TypeError("Failed to fetch")))).toBe(true);
});
