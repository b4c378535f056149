/** SQLSTATE classes 22 (data exception) and 23 (integrity constraint violation). */
const dataState = /^2[23][0-9A-Z]{3}$/;
const deepestCause = 5;

/** Whether the database refused the values themselves, rather than being away, changed or in a hurry. */
export function isDataFault(error: unknown): boolean {
  return sqlStatesOf(error).some((state) => dataState.test(state));
}

/** The codes of an error and of what caused it: Prisma's own (P2003) and PostgreSQL's (23503). */
export function sqlStatesOf(error: unknown): string[] {
  const states: string[] = [];
  for (let at = error, depth = 0; typeof at === "object" && at !== null && depth < deepestCause; depth++) {
    const state = "originalCode" in at ? at.originalCode : "code" in at ? at.code : undefined;
    if (typeof state === "string" && /^[0-9A-Z]{5}$/.test(state)) states.push(state);
    const next: unknown =
      "meta" in at && typeof at.meta === "object" && at.meta !== null && "driverAdapterError" in at.meta
        ? at.meta.driverAdapterError
        : "cause" in at
          ? at.cause
          : undefined;
    at = next;
  }
  return states;
}
