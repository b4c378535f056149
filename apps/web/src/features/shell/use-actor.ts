"use client";

import { useQuery } from "@tanstack/react-query";
import { useTRPC } from "../../trpc/client.ts";

/** For showing or hiding what would be refused anyway; the server decides. */
export function useIsPlatformAdmin(): boolean {
  const actor = useQuery(useTRPC().session.me.queryOptions(undefined, { staleTime: 60_000 })).data;
  return actor?.memberships.some(({ role, siteId }) => role === "admin" && siteId === null) ?? false;
}

/** For a list of sites: at which of them the caller may write. */
export function useKeptSites(): (siteId: string) => boolean {
  const actor = useQuery(useTRPC().session.me.queryOptions(undefined, { staleTime: 60_000 })).data;
  return (siteId) =>
    actor?.memberships.some(
      (held) =>
        (held.role === "admin" || held.role === "coordinator") &&
        (held.siteId === null || held.siteId === siteId),
    ) ?? false;
}

/** Whether the caller may write at a site: its coordinator or an admin. */
export const useIsSiteKeeper = (siteId: string): boolean => useKeptSites()(siteId);

/** For a list of sites: of which of them the caller is a coordinator. */
export function useCoordinatedSites(): (siteId: string) => boolean {
  const actor = useQuery(useTRPC().session.me.queryOptions(undefined, { staleTime: 60_000 })).data;
  return (siteId) =>
    actor?.memberships.some((held) => held.role === "coordinator" && held.siteId === siteId) ?? false;
}

/** Whether the caller is a coordinator anywhere: only they have a key to send studies with. */
export function useIsAnyCoordinator(): boolean {
  const actor = useQuery(useTRPC().session.me.queryOptions(undefined, { staleTime: 60_000 })).data;
  return actor?.memberships.some(({ role }) => role === "coordinator") ?? false;
}

/** Whether the caller may write anywhere. */
export function useIsAnySiteKeeper(): boolean {
  const actor = useQuery(useTRPC().session.me.queryOptions(undefined, { staleTime: 60_000 })).data;
  return actor?.memberships.some(({ role }) => role === "admin" || role === "coordinator") ?? false;
}

/** Whoever sees all sites: platform administrators and auditors. */
export function useIsOverseer(): boolean {
  const actor = useQuery(useTRPC().session.me.queryOptions(undefined, { staleTime: 60_000 })).data;
  return (
    actor?.memberships.some(
      ({ role, siteId }) => siteId === null && (role === "admin" || role === "auditor"),
    ) ?? false
  );
}
