"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Badge } from "../../components/badge.tsx";
import { Button } from "../../components/button.tsx";
import { ConfirmDialog } from "../../components/confirm-dialog.tsx";
import { EmptyState } from "../../components/empty-state.tsx";
import { dateTime } from "../../components/format.ts";
import { Section } from "../../components/page-header.tsx";
import { Cell, Head, Row, Table } from "../../components/table.tsx";
import { useTRPC } from "../../trpc/client.ts";
import type { Connections } from "./connections-section.tsx";
import { TokenDialog } from "./token-dialog.tsx";

type Token = Connections["tokens"][number];

const scopeTexts = { write: "send studies", read: "search and retrieve" } as const;

export function TokenSection(props: { siteId: string; connections: Connections }) {
  const { dicomWebUrl, mayChangeTokens, tokens } = props.connections;
  const [isCreating, setIsCreating] = useState(false);
  const [revoking, setRevoking] = useState<Token>();
  return (
    <Section
      title="Tokens for DICOMweb"
      lead={
        <>
          A PACS or the command line sends and fetches studies of this site at{" "}
          <code className="font-mono">{dicomWebUrl}</code> with a token as{" "}
          <code className="font-mono">Authorization: Bearer</code>. A token reaches no other site.
        </>
      }
      actions={
        mayChangeTokens ? (
          <Button emphasis="primary" onClick={() => setIsCreating(true)}>
            New token
          </Button>
        ) : undefined
      }
    >
      {tokens.length === 0 ? (
        <EmptyState title="This site has no token yet" />
      ) : (
        <Table label="Tokens of the site" maxHeight="40vh">
          <thead>
            <tr>
              <Head>Name</Head>
              <Head>May</Head>
              <Head>Made</Head>
              <Head>Last used</Head>
              <Head>Ends</Head>
              <Head>State</Head>
              {mayChangeTokens ? <Head aria-label="Actions" /> : null}
            </tr>
          </thead>
          <tbody>
            {tokens.map((token) => (
              <Row key={token.tokenId}>
                <Cell>{token.name}</Cell>
                <Cell>{token.scopes.map((scope) => scopeTexts[scope]).join(", ")}</Cell>
                <Cell>
                  {dateTime(token.createdAt)} by {token.creatorName}
                </Cell>
                <Cell>{token.lastUsedAt === null ? "never" : dateTime(token.lastUsedAt)}</Cell>
                <Cell>{token.expiresAt === null ? "when revoked" : dateTime(token.expiresAt)}</Cell>
                <Cell>{states[token.state]}</Cell>
                {mayChangeTokens ? (
                  <Cell className="text-right">
                    {token.state === "in-force" ? (
                      <Button emphasis="danger" onClick={() => setRevoking(token)}>
                        Revoke
                      </Button>
                    ) : null}
                  </Cell>
                ) : null}
              </Row>
            ))}
          </tbody>
        </Table>
      )}
      {isCreating ? <TokenDialog siteId={props.siteId} onClose={() => setIsCreating(false)} /> : null}
      {revoking === undefined ? null : (
        <RevokeDialog siteId={props.siteId} token={revoking} onClose={() => setRevoking(undefined)} />
      )}
    </Section>
  );
}

const states = {
  "in-force": <Badge tone="active">in force</Badge>,
  expired: <Badge tone="warning">expired</Badge>,
  revoked: <Badge>revoked</Badge>,
};

function RevokeDialog(props: { siteId: string; token: Token; onClose: () => void }) {
  const { onClose, siteId, token } = props;
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const revoke = useMutation(
    trpc.connections.revokeToken.mutationOptions({
      onSuccess: async () => {
        onClose();
        await queryClient.invalidateQueries(trpc.connections.load.queryFilter());
      },
    }),
  );
  return (
    <ConfirmDialog
      title={`Revoke the token ${token.name}?`}
      confirmLabel="Revoke"
      keepLabel="Keep it"
      isDanger
      isBusy={revoke.isPending}
      error={revoke.error?.message}
      onClose={onClose}
      onConfirm={() => revoke.mutate({ siteId, tokenId: token.tokenId })}
    >
      Whatever uses it is refused from its next request on, for good. Studies that it has sent stay.
    </ConfirmDialog>
  );
}
