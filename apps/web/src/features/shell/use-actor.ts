"use client";

import { useQuery } from "@tanstack/react-query";
import { useTRPC } from "../../trpc/client.ts";

/** For showing or hiding what would be refused anyway; the server decides. */
export function useIsPlatformAdmin(): boolean {
  const actor = useQuery(useTRPC().session.me.queryOptions(undefined, { staleTime: 60_000 })).data;
  return actor?.memberships.some(({ role, siteId }) => role === "admin" && siteId === null) ?? false;
}
