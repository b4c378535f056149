"use client";

import type { ReactNode } from "react";
import { ErrorState } from "./error-state.tsx";
import { failureText, isWorthAnotherTry } from "./failure-text.ts";
import { Skeleton } from "./skeleton.tsx";

interface QueryLike<TData> {
  readonly data: TData | undefined;
  readonly error: { readonly message: string; readonly data?: unknown } | null;
  readonly refetch: () => unknown;
}

/** Loading, error and data of one query, in that place. */
export function QueryView<TData>(props: {
  query: QueryLike<TData>;
  rows?: number;
  children: (data: TData) => ReactNode;
}) {
  const { query } = props;
  if (query.data !== undefined) return props.children(query.data);
  if (query.error !== null) {
    return (
      <ErrorState
        message={failureText(query.error)}
        onRetry={isWorthAnotherTry(query.error) ? () => void query.refetch() : undefined}
      />
    );
  }
  return <Skeleton rows={props.rows ?? 4} />;
}
