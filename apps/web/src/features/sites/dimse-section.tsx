"use client";

import { useState } from "react";
import { Badge } from "../../components/badge.tsx";
import { Button } from "../../components/button.tsx";
import { EmptyState } from "../../components/empty-state.tsx";
import { Stat } from "../../components/estimate.tsx";
import { Panel, Section } from "../../components/page-header.tsx";
import type { Connections } from "./connections-section.tsx";
import { DimseDialog } from "./dimse-dialog.tsx";

export function DimseSection(props: { siteId: string; connections: Connections }) {
  const { dimse, mayChangeDimse } = props.connections;
  const { endpoint, host, port } = dimse;
  const [isChanging, setIsChanging] = useState(false);
  return (
    <Section
      title="DICOM node"
      lead="A PACS sends studies of this site by C-STORE to this AE title. Only the senders listed here are let in."
      actions={
        mayChangeDimse ? <Button onClick={() => setIsChanging(true)}>Change the node</Button> : undefined
      }
    >
      {endpoint === null ? (
        <EmptyState
          title={`No AE title has been given to this site${mayChangeDimse ? "" : " by an admin"}`}
        />
      ) : (
        <Panel>
          <dl className="flex flex-wrap gap-x-10 gap-y-3">
            <Stat label="AE title" value={endpoint.aeTitle} />
            <Stat label="Host" value={host} />
            <Stat label="Port" value={port === null ? "not open" : String(port)} />
          </dl>
          <p className="mt-3 flex items-center gap-2 text-sm text-slate-700">
            {endpoint.isEnabled ? <Badge tone="active">takes studies</Badge> : <Badge>switched off</Badge>}
            {port === null
              ? "The platform listens on no port for DICOM: whoever runs it sets CROSSREAD_DIMSE_PORT."
              : null}
          </p>
          <h3 className="mt-4 text-xs font-medium text-slate-600">Senders</h3>
          {endpoint.peers.length === 0 ? (
            <p className="text-sm text-slate-700">None: every association is refused.</p>
          ) : (
            <ul className="text-sm">
              {endpoint.peers.map(({ address, aeTitle }) => (
                <li key={`${aeTitle} ${address}`}>
                  <span className="font-mono">{aeTitle}</span> from{" "}
                  <span className="font-mono">{address}</span>
                </li>
              ))}
            </ul>
          )}
        </Panel>
      )}
      {isChanging ? (
        <DimseDialog siteId={props.siteId} endpoint={endpoint} onClose={() => setIsChanging(false)} />
      ) : null}
    </Section>
  );
}
