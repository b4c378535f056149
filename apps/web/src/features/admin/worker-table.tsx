"use client";

import { Badge } from "../../components/badge.tsx";
import { EmptyState } from "../../components/empty-state.tsx";
import { dateTime, duration } from "../../components/format.ts";
import { Pseudonym } from "../../components/pseudonym.tsx";
import { Cell, Head, Row, Table } from "../../components/table.tsx";

const silentAfterMs = 60_000;

interface WorkerNode {
  readonly nodeId: string;
  readonly engine: string;
  readonly queues: readonly string[];
  readonly startedAt: Date;
  readonly lastSeenAt: Date;
  readonly silentMs: number;
}

export function WorkerTable(props: { workers: readonly WorkerNode[]; emptyTitle: string }) {
  if (props.workers.length === 0) return <EmptyState title={props.emptyTitle} />;
  return (
    <Table label="Workers">
      <thead>
        <tr>
          <Head>Node</Head>
          <Head>Engine</Head>
          <Head isNumeric>Queues</Head>
          <Head>Started</Head>
          <Head>Last seen</Head>
          <Head>State</Head>
        </tr>
      </thead>
      <tbody>
        {props.workers.map((node) => {
          const { silentMs } = node;
          return (
            <Row key={node.nodeId}>
              <Cell>
                <Pseudonym>{node.nodeId}</Pseudonym>
              </Cell>
              <Cell>{node.engine}</Cell>
              <Cell isNumeric>
                <span title={node.queues.join(", ")}>{node.queues.length}</span>
              </Cell>
              <Cell className="text-slate-600">{dateTime(node.startedAt)}</Cell>
              <Cell className="text-slate-600">{duration(silentMs)} ago</Cell>
              <Cell>
                {silentMs > silentAfterMs ? (
                  <Badge tone="warning">silent</Badge>
                ) : (
                  <Badge tone="active">alive</Badge>
                )}
              </Cell>
            </Row>
          );
        })}
      </tbody>
    </Table>
  );
}
