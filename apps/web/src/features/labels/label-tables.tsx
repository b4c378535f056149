"use client";

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { BackLink } from "../../components/back-link.tsx";
import { EmptyState } from "../../components/empty-state.tsx";
import { Select } from "../../components/form-field.tsx";
import { PageHeader, Section } from "../../components/page-header.tsx";
import { useTRPC } from "../../trpc/client.ts";
import { useSelectedSite } from "../shell/selected-site.ts";
import { useKeptSites } from "../shell/use-actor.ts";
import { ImportList } from "./import-list.tsx";
import { TableImport } from "./table-import.tsx";

export function LabelTables() {
  const sites = useQuery(useTRPC().sites.list.queryOptions());
  const selected = useSelectedSite();
  const isKept = useKeptSites();
  const [chosenId, setChosenId] = useState<string>();
  const kept = (sites.data ?? []).filter(({ siteId }) => isKept(siteId));
  const site = kept.find(({ siteId }) => siteId === (chosenId ?? selected?.siteId)) ?? kept[0];
  return (
    <>
      <PageHeader
        title="Label tables"
        back={<BackLink href="/studies">Studies</BackLink>}
        lead="Reference standard, BI-RADS and density from a CSV file of a registry, a pathology system or a spreadsheet. The file is read here in the browser; of identifiers only pseudonyms leave it."
        actions={
          kept.length < 2 ? null : (
            <Select
              aria-label="Site of the table"
              className="w-52!"
              value={site?.siteId ?? ""}
              onChange={(event) => setChosenId(event.target.value)}
            >
              {kept.map(({ siteId, name }) => (
                <option key={siteId} value={siteId}>
                  {name}
                </option>
              ))}
            </Select>
          )
        }
      />
      {site === undefined ? (
        sites.isSuccess ? (
          <div className="mb-6">
            <EmptyState title="You may read labels, not write them">
              A site’s coordinator imports them. What was imported stands below.
            </EmptyState>
          </div>
        ) : null
      ) : (
        <TableImport key={site.siteId} site={site} />
      )}
      <Section title="Imported tables" lead="Newest first. An import can be undone as a whole.">
        <ImportList siteId={selected?.siteId} />
      </Section>
    </>
  );
}
