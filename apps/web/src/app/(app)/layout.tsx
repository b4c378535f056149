import type { ReactNode } from "react";
import { navigationFor } from "../../features/shell/navigation.ts";
import { Shell } from "../../features/shell/shell.tsx";
import { requireActor } from "../../server/actor.ts";

export default async function AppLayout(props: { children: ReactNode }) {
  const actor = await requireActor();
  return (
    <Shell actor={actor} navigation={navigationFor(actor.memberships)}>
      {props.children}
    </Shell>
  );
}
