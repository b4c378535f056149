import type { TRPCLink } from "@trpc/client";
import { tap } from "@trpc/server/observable";
import { failureText } from "../components/failure-text.ts";
import type { RootRouter } from "../server/root.ts";

/** Whoever shows a failure shows its message: what a browser or zod calls it is put into words here. */
export const plainWords: TRPCLink<RootRouter> =
  () =>
  ({ next, op }) =>
    next(op).pipe(
      tap({
        error: (failure) => {
          failure.message = failureText(failure);
        },
      }),
    );
