"use client";

import { useQuery } from "@tanstack/react-query";
import { QueryView } from "../../components/query-view.tsx";
import { useTRPC, type Outputs } from "../../trpc/client.ts";
import { DimseSection } from "./dimse-section.tsx";
import { TokenSection } from "./token-section.tsx";

export type Connections = Outputs["connections"]["load"];

/** How programs of the site reach the platform. */
export function ConnectionsSection(props: { siteId: string }) {
  const query = useQuery(useTRPC().connections.load.queryOptions(props, { refetchInterval: 60_000 }));
  return (
    <QueryView query={query} rows={3}>
      {(connections) => (
        <>
          <TokenSection siteId={props.siteId} connections={connections} />
          <DimseSection siteId={props.siteId} connections={connections} />
        </>
      )}
    </QueryView>
  );
}
