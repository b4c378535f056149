"use client";

import { useQuery } from "@tanstack/react-query";
import { usePathname, useRouter, useSearchParams } from "next/navigation";
import { Select } from "../../components/form-field.tsx";
import { useTRPC } from "../../trpc/client.ts";

/** Holds the chosen site in the URL, so that a link shows what its sender saw. */
export function SiteSwitcher() {
  const sites = useQuery(useTRPC().sites.list.queryOptions());
  const router = useRouter();
  const pathname = usePathname();
  const search = useSearchParams();

  function choose(code: string) {
    const next = new URLSearchParams(search);
    if (code === "") next.delete("site");
    else next.set("site", code);
    const query = next.toString();
    router.push(query === "" ? pathname : `${pathname}?${query}`);
  }

  return (
    <Select
      aria-label="Site"
      value={search.get("site") ?? ""}
      onChange={(event) => choose(event.target.value)}
    >
      <option value="">All sites</option>
      {(sites.data ?? []).map((site) => (
        <option key={site.siteId} value={site.code}>
          {site.name}
        </option>
      ))}
    </Select>
  );
}
