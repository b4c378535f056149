"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "../../components/button.tsx";
import { Dialog } from "../../components/dialog.tsx";
import { ErrorState } from "../../components/error-state.tsx";
import { useTRPC } from "../../trpc/client.ts";
import { RoleFields } from "./role-fields.tsx";
import type { User } from "./user-table.tsx";

export function RoleDialog(props: { user: User; onClose: () => void }) {
  const { user, onClose } = props;
  const [memberships, setMemberships] = useState(user.memberships);
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const save = useMutation(
    trpc.admin.setRoles.mutationOptions({
      onSuccess: async () => {
        onClose();
        await queryClient.invalidateQueries(trpc.admin.users.queryFilter());
      },
    }),
  );
  return (
    <Dialog title={`Roles of ${user.name}`} onClose={onClose}>
      <div className="flex flex-col gap-4 text-left">
        <RoleFields memberships={memberships} onChange={setMemberships} />
        {save.error === null ? null : <ErrorState message={save.error.message} />}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Leave as they are</Button>
          <Button
            emphasis="primary"
            disabled={save.isPending}
            onClick={() => save.mutate({ userId: user.userId, memberships: [...memberships] })}
          >
            Save roles
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
