import type { ReactNode } from "react";
import { Cell, Head, Row, Table } from "../components/table.tsx";

/** What a chart shows, in numbers: for those who cannot see it and for those who want to copy them. */
export function ChartTable(props: {
  label: string;
  head: readonly string[];
  rows: readonly { readonly key: string; readonly cells: readonly ReactNode[] }[];
}) {
  return (
    <details className="mt-2 text-sm print:hidden">
      <summary className="w-fit text-xs text-accent-800 underline">{props.label} as a table</summary>
      <div className="mt-2">
        <Table label={props.label} maxHeight="20rem">
          <thead>
            <tr>
              {props.head.map((title, column) => (
                <Head key={title} isNumeric={column > 0}>
                  {title}
                </Head>
              ))}
            </tr>
          </thead>
          <tbody>
            {props.rows.map(({ cells, key }) => (
              <Row key={key}>
                {cells.map((cell, column) => (
                  <Cell key={column} isNumeric={column > 0}>
                    {cell}
                  </Cell>
                ))}
              </Row>
            ))}
          </tbody>
        </Table>
      </div>
    </details>
  );
}
