"use client";

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "../../components/button.tsx";
import { ConfirmDialog } from "../../components/confirm-dialog.tsx";
import { EmptyState } from "../../components/empty-state.tsx";
import { dateTime } from "../../components/format.ts";
import { Section } from "../../components/page-header.tsx";
import { QueryView } from "../../components/query-view.tsx";
import { Cell, Head, Row, Table } from "../../components/table.tsx";
import { useTRPC, type Outputs } from "../../trpc/client.ts";

type Rule = Outputs["pixelRules"]["list"]["rules"][number];

const kinds = { mask: "cover", allow: "let pass" } as const;

/** What is done by itself about text that a device burns into its images. */
export function PixelRulesSection(props: { siteId: string }) {
  const query = useQuery(useTRPC().pixelRules.list.queryOptions(props));
  const [removing, setRemoving] = useState<Rule>();
  return (
    <Section
      title="Pixel rules"
      lead="Text found in images of a device, all of it in the places of a rule, is covered or let pass without asking. Rules are made when a coordinator decides about a held file."
    >
      <QueryView query={query} rows={2}>
        {({ mayRemove, rules }) =>
          rules.length === 0 ? (
            <EmptyState title="A coordinator is asked about every image that may show text" />
          ) : (
            <Table label="Pixel rules of the site" maxHeight="40vh">
              <thead>
                <tr>
                  <Head>Device</Head>
                  <Head>Size</Head>
                  <Head>Places</Head>
                  <Head>Text is</Head>
                  <Head>Made</Head>
                  {mayRemove ? <Head aria-label="Actions" /> : null}
                </tr>
              </thead>
              <tbody>
                {rules.map((rule) => (
                  <Row key={rule.ruleId}>
                    <Cell>
                      {rule.manufacturer} {rule.model}
                    </Cell>
                    <Cell className="whitespace-nowrap">
                      {rule.columns} × {rule.rows}
                    </Cell>
                    <Cell>{rule.regions.map(placeText).join("; ")}</Cell>
                    <Cell>{kinds[rule.kind]}</Cell>
                    <Cell>
                      {dateTime(rule.createdAt)} by {rule.createdBy ?? "someone"}
                    </Cell>
                    {mayRemove ? (
                      <Cell className="text-right">
                        <Button emphasis="danger" onClick={() => setRemoving(rule)}>
                          Remove
                        </Button>
                      </Cell>
                    ) : null}
                  </Row>
                ))}
              </tbody>
            </Table>
          )
        }
      </QueryView>
      {removing === undefined ? null : (
        <RemoveDialog siteId={props.siteId} rule={removing} onClose={() => setRemoving(undefined)} />
      )}
    </Section>
  );
}

const placeText = ({ heightPx, widthPx, xPx, yPx }: Rule["regions"][number]) =>
  `${widthPx} × ${heightPx} at ${xPx}, ${yPx}`;

function RemoveDialog(props: { siteId: string; rule: Rule; onClose: () => void }) {
  const { onClose, rule, siteId } = props;
  const trpc = useTRPC();
  const queries = useQueryClient();
  const remove = useMutation(
    trpc.pixelRules.remove.mutationOptions({
      onSuccess: async () => {
        onClose();
        await queries.invalidateQueries({ queryKey: trpc.pixelRules.pathKey() });
      },
    }),
  );
  return (
    <ConfirmDialog
      title={`Remove the rule for ${rule.manufacturer} ${rule.model}?`}
      confirmLabel="Remove"
      keepLabel="Keep it"
      isDanger
      isBusy={remove.isPending}
      error={remove.error?.message}
      onClose={onClose}
      onConfirm={() => remove.mutate({ siteId, ruleId: rule.ruleId })}
    >
      Images of this device wait for a decision again from the next one on. What came in by the rule stays.
    </ConfirmDialog>
  );
}
