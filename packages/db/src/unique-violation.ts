/** Whether a unique key is taken: perhaps by a row of another site, which a look-up before would not have found. */
export const isUniqueViolation = (error: unknown): boolean =>
  typeof error === "object" && error !== null && "code" in error && error.code === "P2002";
