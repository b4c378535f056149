"use client";

import { Button } from "./button.tsx";
import { count } from "./format.ts";

/** Which rows of how many, and the way to the next. */
export function Pager(props: {
  offset: number;
  pageSize: number;
  shownCount: number;
  totalCount: number;
  onMove: (offset: number) => void;
}) {
  const { offset, pageSize, shownCount, totalCount } = props;
  if (totalCount === 0) return null;
  return (
    <nav aria-label="Pages" className="mt-2 flex items-center justify-between text-sm text-slate-600">
      <span>
        {count(offset + 1)}–{count(offset + shownCount)} of {count(totalCount)}
      </span>
      <span className="flex gap-2">
        <Button disabled={offset === 0} onClick={() => props.onMove(Math.max(0, offset - pageSize))}>
          Previous
        </Button>
        <Button disabled={offset + shownCount >= totalCount} onClick={() => props.onMove(offset + pageSize)}>
          Next
        </Button>
      </span>
    </nav>
  );
}
