"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "../../components/button.tsx";
import { ConfirmDialog } from "../../components/confirm-dialog.tsx";
import { useTRPC } from "../../trpc/client.ts";
import { RoleDialog } from "./role-dialog.tsx";
import type { User } from "./user-table.tsx";

type Asking = "roles" | "disable" | "revoke";

export function UserActions(props: { user: User }) {
  const { user } = props;
  const [asking, setAsking] = useState<Asking>();
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const close = () => setAsking(undefined);
  const onSuccess = async () => {
    close();
    await queryClient.invalidateQueries(trpc.admin.users.queryFilter());
  };
  const setDisabled = useMutation(trpc.admin.setDisabled.mutationOptions({ onSuccess }));
  const revoke = useMutation(trpc.admin.revokeSessions.mutationOptions({ onSuccess }));
  const { userId } = user;
  return (
    <span className="inline-flex gap-1">
      <Button emphasis="quiet" onClick={() => setAsking("roles")}>
        Roles
      </Button>
      <Button emphasis="quiet" onClick={() => setAsking("revoke")}>
        Sign out
      </Button>
      {user.disabledAt === null ? (
        <Button emphasis="danger" onClick={() => setAsking("disable")}>
          Disable
        </Button>
      ) : (
        <Button onClick={() => setDisabled.mutate({ userId, isDisabled: false })}>Enable</Button>
      )}
      {asking === "roles" ? <RoleDialog user={user} onClose={close} /> : null}
      {asking === "revoke" ? (
        <ConfirmDialog
          title={`Sign ${user.name} out everywhere?`}
          confirmLabel="End all sessions"
          keepLabel="Keep them"
          isBusy={revoke.isPending}
          error={revoke.error?.message}
          onClose={close}
          onConfirm={() => revoke.mutate({ userId })}
        >
          Every session ends with its next request. Drafts of readings are kept; the person can sign in again.
        </ConfirmDialog>
      ) : null}
      {asking === "disable" ? (
        <ConfirmDialog
          title={`Disable ${user.name}?`}
          confirmLabel="Disable"
          keepLabel="Keep the account"
          isDanger
          isBusy={setDisabled.isPending}
          error={setDisabled.error?.message}
          onClose={close}
          onConfirm={() => setDisabled.mutate({ userId, isDisabled: true })}
        >
          The person is signed out and cannot sign in. What they did stays in the records; the account can be
          enabled again.
        </ConfirmDialog>
      ) : null}
    </span>
  );
}
