"use client";

import { dimseEndpointSchema, type DimseEndpoint } from "@crossread/contracts/dimse-endpoint";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type SyntheticEvent } from "react";
import { Button } from "../../components/button.tsx";
import { Dialog } from "../../components/dialog.tsx";
import { ErrorState } from "../../components/error-state.tsx";
import { FormField, Input } from "../../components/form-field.tsx";
import { useTRPC } from "../../trpc/client.ts";

/** One sender a line: its AE title, a space, its address. */
const toText = (peers: DimseEndpoint["peers"]) =>
  peers.map(({ address, aeTitle }) => `${aeTitle} ${address}`).join("\n");

function toPeers(text: string): { aeTitle: string; address: string }[] {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "")
    .map((line) => {
      const space = line.lastIndexOf(" ");
      return { aeTitle: line.slice(0, Math.max(0, space)).trim(), address: line.slice(space + 1) };
    });
}

export function DimseDialog(props: { siteId: string; endpoint: DimseEndpoint | null; onClose: () => void }) {
  const [aeTitle, setAeTitle] = useState(props.endpoint?.aeTitle ?? "");
  const [isEnabled, setIsEnabled] = useState(props.endpoint?.isEnabled ?? true);
  const [senders, setSenders] = useState(toText(props.endpoint?.peers ?? []));
  const [problem, setProblem] = useState<string>();
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const save = useMutation(
    trpc.connections.saveDimse.mutationOptions({
      onSuccess: async () => {
        props.onClose();
        await queryClient.invalidateQueries(trpc.connections.load.queryFilter());
      },
    }),
  );

  function submit(event: SyntheticEvent<HTMLFormElement>) {
    event.preventDefault();
    const parsed = dimseEndpointSchema.safeParse({ aeTitle, isEnabled, peers: toPeers(senders) });
    setProblem(parsed.error?.issues[0]?.message);
    if (parsed.success) save.mutate({ siteId: props.siteId, endpoint: parsed.data });
  }

  return (
    <Dialog title="DICOM node" onClose={props.onClose}>
      <form onSubmit={submit} className="flex flex-col gap-4">
        <FormField label="AE title" help="Up to 16 characters; what senders call this site by.">
          {(control) => (
            <Input
              {...control}
              required
              maxLength={16}
              className="w-full font-mono"
              value={aeTitle}
              onChange={(e) => setAeTitle(e.target.value)}
            />
          )}
        </FormField>
        <FormField
          label="Senders"
          help="One a line: AE title, a space, and an IP address or a range as in 192.0.2.0/24."
        >
          {(control) => (
            <textarea
              {...control}
              rows={5}
              spellCheck={false}
              className="w-full rounded-md border border-slate-300 bg-white px-2 py-1 font-mono text-sm"
              placeholder="HOSPITAL_PACS 192.0.2.10"
              value={senders}
              onChange={(e) => setSenders(e.target.value)}
            />
          )}
        </FormField>
        <label className="flex items-center gap-2 text-sm">
          <input type="checkbox" checked={isEnabled} onChange={(e) => setIsEnabled(e.target.checked)} />
          Take studies
        </label>
        {problem === undefined ? null : <ErrorState message={problem} />}
        {save.error === null ? null : <ErrorState message={save.error.message} />}
        <div className="flex justify-end gap-2">
          <Button onClick={props.onClose}>Discard</Button>
          <Button type="submit" emphasis="primary" disabled={save.isPending}>
            Save
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
