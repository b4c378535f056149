"use client";

import type { Actor } from "@crossread/db/people";
import { LogOut } from "lucide-react";
import { signOut } from "next-auth/react";

export function UserMenu(props: { actor: Actor }) {
  const roles = [...new Set(props.actor.memberships.map(({ role }) => role))].join(", ");
  return (
    <div className="flex items-center justify-between gap-2 rounded-md px-2 py-1.5">
      <div className="min-w-0" title={props.actor.email}>
        <p className="truncate text-sm font-medium">{props.actor.name}</p>
        <p className="truncate text-xs text-slate-600">{roles === "" ? "no role yet" : roles}</p>
      </div>
      <button
        type="button"
        aria-label="Sign out"
        title="Sign out"
        className="rounded-md p-1.5 text-slate-500 hover:bg-slate-100 hover:text-slate-800"
        onClick={() => void signOut({ callbackUrl: "/sign-in" })}
      >
        <LogOut size={16} aria-hidden />
      </button>
    </div>
  );
}
