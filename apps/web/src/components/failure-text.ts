interface Failure {
  readonly message: string;
  readonly data?: unknown;
}

/**
 * What to say of a failed call. An answer of the server speaks for itself, unless it is the list of what zod found wrong with
 * the input or names a procedure; without an answer, browsers say "Failed to fetch" and the like.
 */
export function failureText(error: Failure): string {
  const isAnswered = !("data" in error) || (error.data !== undefined && error.data !== null);
  if (!isAnswered) return "Crossread does not answer. Nothing that was saved is lost.";
  if (codeOf(error) === "BAD_REQUEST" && error.message.startsWith("[")) {
    return "The address or the form holds a value that Crossread does not understand.";
  }
  return error.message.replace(/^None of your roles may use [\w.]+\.$/, "Your roles do not include this.");
}

/** Asked again, these are answered alike. */
const finalCodes: readonly unknown[] = ["BAD_REQUEST", "FORBIDDEN", "NOT_FOUND"];

export const isWorthAnotherTry = (error: Failure): boolean => !finalCodes.includes(codeOf(error));

const codeOf = ({ data }: Failure): unknown =>
  typeof data === "object" && data !== null && "code" in data ? data.code : undefined;
