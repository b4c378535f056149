"use client";

import { Button } from "../../components/button.tsx";
import { count } from "../../components/format.ts";
import { download, reportRows } from "./outcome-table.tsx";
import type { CheckedTable } from "./table-import.tsx";

/** The only place that has refused rows with their cells: gone when the page is left. */
export function ImportResult(props: { checked: CheckedTable; onClose: () => void }) {
  const { checked, onClose } = props;
  const { counts, changedCaseCount } = checked.plan;
  return (
    <div
      role="status"
      className="flex flex-wrap items-center gap-3 rounded-lg border border-accent-200 bg-accent-50 px-4 py-3 text-sm text-accent-800"
    >
      <p className="font-medium">
        Labels of {count(changedCaseCount)} {changedCaseCount === 1 ? "case" : "cases"} written:{" "}
        {count(counts.new)} rows new, {count(counts.changed)} changed, {count(counts.same)} the same,{" "}
        {count(counts.refused)} refused.
      </p>
      <span className="ml-auto flex gap-2">
        <Button onClick={() => download(reportRows(checked))}>Download the report</Button>
        <Button emphasis="quiet" onClick={onClose}>
          Close
        </Button>
      </span>
    </div>
  );
}
