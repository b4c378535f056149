"use client";

import type { Membership } from "@crossread/contracts/role";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type SyntheticEvent } from "react";
import { Button } from "../../components/button.tsx";
import { Dialog } from "../../components/dialog.tsx";
import { ErrorState } from "../../components/error-state.tsx";
import { FormField, Input } from "../../components/form-field.tsx";
import { useTRPC } from "../../trpc/client.ts";
import { RoleFields } from "./role-fields.tsx";

export function UserForm(props: { onClose: () => void }) {
  const [name, setName] = useState("");
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [memberships, setMemberships] = useState<readonly Membership[]>([]);
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const create = useMutation(
    trpc.admin.createUser.mutationOptions({
      onSuccess: async () => {
        props.onClose();
        await queryClient.invalidateQueries(trpc.admin.users.queryFilter());
      },
    }),
  );

  function submit(event: SyntheticEvent<HTMLFormElement>) {
    event.preventDefault();
    create.mutate({ name, email, password, memberships: [...memberships] });
  }

  return (
    <Dialog title="New user" onClose={props.onClose}>
      <form onSubmit={submit} className="flex flex-col gap-4">
        <FormField label="Name">
          {(control) => (
            <Input
              {...control}
              required
              maxLength={120}
              value={name}
              onChange={(e) => setName(e.target.value)}
            />
          )}
        </FormField>
        <FormField label="E-mail">
          {(control) => (
            <Input
              {...control}
              type="email"
              required
              autoComplete="off"
              value={email}
              onChange={(e) => setEmail(e.target.value)}
            />
          )}
        </FormField>
        <FormField label="First password" help="At least 12 characters.">
          {(control) => (
            <Input
              {...control}
              type="password"
              required
              minLength={12}
              autoComplete="new-password"
              value={password}
              onChange={(e) => setPassword(e.target.value)}
            />
          )}
        </FormField>
        <RoleFields memberships={memberships} onChange={setMemberships} />
        {create.error === null ? null : <ErrorState message={create.error.message} />}
        <div className="flex justify-end gap-2">
          <Button onClick={props.onClose}>Discard</Button>
          <Button type="submit" emphasis="primary" disabled={create.isPending}>
            Create user
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
