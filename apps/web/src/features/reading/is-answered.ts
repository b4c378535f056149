import { TRPCClientError } from "@trpc/client";

/** A locked, closed or vanished case stays so: only a failure of the way is tried again. */
export const isAnswered = (error: unknown): boolean =>
  error instanceof TRPCClientError && error.data !== undefined && error.data !== null;
