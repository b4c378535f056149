import type { OperationResultObservable, TRPCLink } from "@trpc/client";
import { share, tap } from "@trpc/server/observable";
import superjson from "superjson";
import type { RootRouter } from "../server/root.ts";

/**
 * A double click asks twice before the page knows that it has asked: while a change is under way, the same change with the same
 * input joins it and gets its answer.
 */
export const joinTwins: TRPCLink<RootRouter> = () => {
  const underWay = new Map<string, OperationResultObservable<RootRouter, unknown>>();
  return ({ next, op }) => {
    if (op.type !== "mutation" || op.signal instanceof AbortSignal) return next(op);
    const key = `${op.path} ${superjson.stringify(op.input)}`;
    const first = underWay.get(key);
    if (first !== undefined) return first;
    const forget = () => underWay.delete(key);
    const answer = next(op).pipe(tap({ next: forget, error: forget, complete: forget }), share());
    underWay.set(key, answer);
    return answer;
  };
};
