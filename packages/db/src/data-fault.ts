/** SQLSTATE classes 22 (data exception) and 23 (integrity constraint violation). */
const dataClasses = /^2[23]/;
const deepestCause = 5;

/** Whether the database refused the values themselves, rather than being away, changed or in a hurry. */
export function isDataFault(error: unknown): boolean {
  for (let at = error, depth = 0; typeof at === "object" && at !== null && depth < deepestCause; depth++) {
    const state = "originalCode" in at ? at.originalCode : "code" in at ? at.code : undefined;
    if (typeof state === "string" && /^[0-9A-Z]{5}$/.test(state) && dataClasses.test(state)) return true;
    const next: unknown =
      "meta" in at && typeof at.meta === "object" && at.meta !== null && "driverAdapterError" in at.meta
        ? at.meta.driverAdapterError
        : "cause" in at
          ? at.cause
          : undefined;
    at = next;
  }
  return false;
}
