"use client";

import { useQuery } from "@tanstack/react-query";
import { siteColour } from "../../components/site-name.tsx";
import { useTRPC } from "../../trpc/client.ts";

const pooledColour = "#1e293b";

/** Name and colour of a site by its id; null is the pool of all sites. */
export function useSites() {
  const sites = useQuery(useTRPC().sites.list.queryOptions()).data ?? [];
  const byId = new Map(sites.map((site) => [site.siteId, site]));
  const order = (siteId: string | null) =>
    siteId === null ? -1 : (byId.get(siteId)?.colourIndex ?? sites.length);
  return {
    sites,
    nameOf: (siteId: string | null) =>
      siteId === null ? "All sites pooled" : (byId.get(siteId)?.name ?? "Unknown site"),
    colourOf: (siteId: string | null) =>
      siteId === null ? pooledColour : siteColour(byId.get(siteId)?.colourIndex ?? 0),
    find: (siteId: string) => byId.get(siteId),
    /** Pooled first, then the sites in their stable order. */
    sorted: <TRow extends { siteId: string | null }>(rows: readonly TRow[]) =>
      rows.toSorted((a, b) => order(a.siteId) - order(b.siteId)),
  };
}
