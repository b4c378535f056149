"use client";

import { labelImportLimits } from "@crossread/contracts/label-import";
import { FileSpreadsheet } from "lucide-react";
import { useRef, useState } from "react";
import { Button } from "../../components/button.tsx";
import { count } from "../../components/format.ts";

/** A file dropped, chosen or pasted from a spreadsheet. */
export function TableDrop(props: { onTable: (bytes: Uint8Array<ArrayBuffer>) => void }) {
  const { onTable } = props;
  const input = useRef<HTMLInputElement>(null);
  const [isOver, setOver] = useState(false);
  const take = async (file: File | undefined) => {
    if (file !== undefined) onTable(new Uint8Array(await file.arrayBuffer()));
  };
  return (
    <div
      role="group"
      aria-label="Table to import"
      tabIndex={0}
      onPaste={(event) => {
        const file = event.clipboardData.files[0];
        const text = event.clipboardData.getData("text/plain");
        if (file !== undefined) void take(file);
        else if (text !== "") onTable(new TextEncoder().encode(text));
      }}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        void take(event.dataTransfer.files[0]);
      }}
      className={`flex flex-col items-center gap-2 rounded-lg border border-dashed px-6 py-8 text-center ${isOver ? "border-accent-600 bg-accent-50" : "border-slate-300 bg-white"}`}
    >
      <FileSpreadsheet size={24} aria-hidden className="text-slate-500" />
      <p className="font-medium">Drop a CSV file here, or paste cells from a spreadsheet</p>
      <p className="text-sm text-slate-600">
        One row a breast, or one row a case with a column for each breast. Comma, semicolon or tab; at most{" "}
        {count(labelImportLimits.rows)} rows.
      </p>
      <Button onClick={() => input.current?.click()}>Choose a file</Button>
      <input
        ref={input}
        type="file"
        aria-label="CSV file"
        accept=".csv,.tsv,.txt,text/csv,text/tab-separated-values"
        className="sr-only"
        tabIndex={-1}
        onChange={(event) => {
          void take(event.target.files?.[0]);
          event.target.value = "";
        }}
      />
    </div>
  );
}
