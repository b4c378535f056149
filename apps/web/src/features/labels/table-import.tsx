"use client";

import { isDomainError } from "@crossread/contracts/errors";
import type { LabelMapping, LabelTable } from "@crossread/contracts/label-import";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "../../components/button.tsx";
import { ErrorState } from "../../components/error-state.tsx";
import { Skeleton } from "../../components/skeleton.tsx";
import { useTRPC, useTRPCClient, type Outputs } from "../../trpc/client.ts";
import { guessMapping } from "./column-mapping.ts";
import { readCsvTable, type CsvTable } from "./csv-table.ts";
import { openHospitalNames } from "./hospital-names.ts";
import { ImportPreview } from "./import-preview.tsx";
import { ImportResult } from "./import-result.tsx";
import { toImportRows, type UnreadableRow } from "./import-rows.ts";
import { MappingPanel } from "./mapping-panel.tsx";
import { TableDrop } from "./table-drop.tsx";

export interface OpenedTable {
  readonly csv: CsvTable;
  readonly sha256: string;
}

/** What was sent, what came back, and what did not leave the browser. */
export interface CheckedTable {
  readonly table: LabelTable;
  readonly unreadable: readonly UnreadableRow[];
  readonly plan: Outputs["labels"]["previewImport"];
}

/** Drop, map, try, apply: nothing is written before the last step. */
export function TableImport(props: { site: { siteId: string; name: string } }) {
  const { site } = props;
  const trpc = useTRPC();
  const client = useTRPCClient();
  const queries = useQueryClient();
  const remembered = useQuery(trpc.labels.mapping.queryOptions({ siteId: site.siteId }));
  const [opened, setOpened] = useState<OpenedTable>();
  const [problem, setProblem] = useState<string>();
  const [mapping, setMapping] = useState<LabelMapping>();
  const [checked, setChecked] = useState<CheckedTable>();
  const [result, setResult] = useState<{ importId: string; checked: CheckedTable }>();

  const check = useMutation({
    async mutationFn(given: { opened: OpenedTable; mapping: LabelMapping }): Promise<CheckedTable> {
      const names = given.mapping.areHospitalIds
        ? await openHospitalNames(await loadSiteKey(client, site.siteId))
        : undefined;
      const { rows, unreadable } = await toImportRows(given.opened.csv, given.mapping, names);
      const table = {
        siteId: site.siteId,
        fileSha256: given.opened.sha256,
        rows: [...rows],
        refusedRows: unreadable.map(({ rowNumber, column, problem: said }) => ({
          rowNumber,
          problem: (column === "" ? said : `${column}: ${said}`).slice(0, 100),
        })),
      };
      return { table, unreadable, plan: await client.labels.previewImport.mutate(table) };
    },
    onSuccess: setChecked,
  });
  const apply = useMutation({
    mutationFn: (given: { reason: string; acknowledgesFrozen: boolean }) => {
      if (checked === undefined || mapping === undefined) throw new Error("There is nothing to apply yet.");
      return client.labels.applyImport.mutate({
        ...given,
        table: checked.table,
        mapping,
        planDigest: checked.plan.digest,
      });
    },
    async onSuccess({ importId, ...plan }) {
      if (checked !== undefined) setResult({ importId, checked: { ...checked, plan } });
      start();
      await Promise.all([
        queries.invalidateQueries(trpc.labels.pathFilter()),
        queries.invalidateQueries(trpc.studies.pathFilter()),
      ]);
    },
  });

  function start() {
    setOpened(undefined);
    setChecked(undefined);
    setMapping(undefined);
    check.reset();
  }
  async function open(bytes: Uint8Array<ArrayBuffer>) {
    setResult(undefined);
    setProblem(undefined);
    setChecked(undefined);
    try {
      const csv = readCsvTable(bytes);
      const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
      const sha256 = Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
      setOpened({ csv, sha256 });
      setMapping(guessMapping(csv, remembered.data ?? null));
    } catch (error) {
      if (!isDomainError(error)) throw error;
      setProblem(error.message);
    }
  }

  if (remembered.isPending) return <Skeleton rows={4} />;
  return (
    <div className="mb-6 flex flex-col gap-4">
      {result === undefined ? null : (
        <ImportResult checked={result.checked} onClose={() => setResult(undefined)} />
      )}
      {problem === undefined ? null : <ErrorState message={problem} />}
      {opened === undefined || mapping === undefined ? (
        <TableDrop onTable={(bytes) => void open(bytes)} />
      ) : (
        <>
          <MappingPanel
            table={opened.csv}
            mapping={mapping}
            onChange={(next) => {
              setMapping(next);
              setChecked(undefined);
            }}
          />
          <div className="flex items-center gap-2">
            <Button
              emphasis={checked === undefined ? "primary" : "secondary"}
              disabled={check.isPending}
              onClick={() => check.mutate({ opened, mapping })}
            >
              {check.isPending ? "Trying…" : checked === undefined ? "Try it, write nothing" : "Try again"}
            </Button>
            <Button emphasis="quiet" onClick={start}>
              Another file
            </Button>
          </div>
          {check.error === null ? null : <ErrorState message={check.error.message} />}
          {checked === undefined ? null : (
            <ImportPreview
              key={checked.plan.digest}
              checked={checked}
              isBusy={apply.isPending}
              error={apply.error?.message}
              onApply={(reason, acknowledgesFrozen) => apply.mutate({ reason, acknowledgesFrozen })}
            />
          )}
        </>
      )}
    </div>
  );
}

/** Into memory for as long as the rows are turned, and nowhere else. */
async function loadSiteKey(client: ReturnType<typeof useTRPCClient>, siteId: string): Promise<Uint8Array> {
  const { siteKey } = await client.deidentification.siteKey.mutate({ siteId });
  return Uint8Array.from(atob(siteKey), (letter) => letter.charCodeAt(0));
}
