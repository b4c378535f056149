"use client";

import type { ApiTokenScope } from "@crossread/contracts/api-token";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type SyntheticEvent } from "react";
import { Button } from "../../components/button.tsx";
import { Dialog } from "../../components/dialog.tsx";
import { ErrorState } from "../../components/error-state.tsx";
import { FormField, Input, Select } from "../../components/form-field.tsx";
import { useTRPC } from "../../trpc/client.ts";
import { CopyButton } from "./copy-button.tsx";

const lifetimes = { "30": 30, "90": 90, "365": 365, never: null } as const;
type Lifetime = keyof typeof lifetimes;

const scopeChoices: readonly { scopes: readonly ApiTokenScope[]; label: string }[] = [
  { scopes: ["write"], label: "Send studies (STOW-RS)" },
  { scopes: ["read"], label: "Search and retrieve (QIDO-RS, WADO-RS)" },
  { scopes: ["write", "read"], label: "Both" },
];

/** Asks for a name and shows the token once. */
export function TokenDialog(props: { siteId: string; onClose: () => void }) {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const create = useMutation(
    trpc.connections.createToken.mutationOptions({
      onSuccess: () => queryClient.invalidateQueries(trpc.connections.load.queryFilter()),
    }),
  );
  const [name, setName] = useState("");
  const [choice, setChoice] = useState(0);
  const [lifetime, setLifetime] = useState<Lifetime>("365");

  if (create.data !== undefined) return <NewToken token={create.data.token} onClose={props.onClose} />;

  function submit(event: SyntheticEvent<HTMLFormElement>) {
    event.preventDefault();
    create.mutate({
      siteId: props.siteId,
      name,
      scopes: [...(scopeChoices[choice]?.scopes ?? [])],
      expiresInDays: lifetimes[lifetime],
    });
  }

  return (
    <Dialog title="New token" onClose={props.onClose}>
      <form onSubmit={submit} className="flex flex-col gap-4">
        <FormField label="Name" help="What will use it, for example: PACS export.">
          {(control) => (
            <Input
              {...control}
              required
              maxLength={80}
              value={name}
              onChange={(e) => setName(e.target.value)}
            />
          )}
        </FormField>
        <FormField label="It may" help="Give a program no more than it needs.">
          {(control) => (
            <Select {...control} value={choice} onChange={(e) => setChoice(Number(e.target.value))}>
              {scopeChoices.map(({ label }, index) => (
                <option key={label} value={index}>
                  {label}
                </option>
              ))}
            </Select>
          )}
        </FormField>
        <FormField label="It ends">
          {(control) => (
            <Select {...control} value={lifetime} onChange={(e) => setLifetime(e.target.value as Lifetime)}>
              <option value="30">after 30 days</option>
              <option value="90">after 90 days</option>
              <option value="365">after a year</option>
              <option value="never">only when it is revoked</option>
            </Select>
          )}
        </FormField>
        {create.error === null ? null : <ErrorState message={create.error.message} />}
        <div className="flex justify-end gap-2">
          <Button onClick={props.onClose}>Discard</Button>
          <Button type="submit" emphasis="primary" disabled={create.isPending}>
            Make the token
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

function NewToken(props: { token: string; onClose: () => void }) {
  return (
    <Dialog title="Copy the token now" onClose={props.onClose}>
      <div className="flex flex-col gap-4">
        <p className="text-sm text-slate-700">
          This is the only time that it is shown: the platform keeps no copy from which it could be shown
          again. Put it where the program finds it, and nowhere else. If it is lost, revoke it and make
          another.
        </p>
        <output
          aria-label="Token"
          className="rounded-md border border-slate-300 bg-slate-50 p-2 font-mono text-xs break-all select-all"
        >
          {props.token}
        </output>
        <div className="flex items-center justify-between gap-2">
          <CopyButton text={props.token} label="Copy the token" />
          <Button emphasis="primary" onClick={props.onClose}>
            I have kept it
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
