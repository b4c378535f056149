"use client";

import { useQuery } from "@tanstack/react-query";
import { useSearchParams } from "next/navigation";
import { useTRPC } from "../../trpc/client.ts";

/** The site that the switcher holds, from the URL (`?site=code`); undefined while all sites are shown. */
export function useSelectedSite() {
  const code = useSearchParams().get("site");
  const sites = useQuery(useTRPC().sites.list.queryOptions());
  return code === null ? undefined : sites.data?.find((site) => site.code === code);
}
