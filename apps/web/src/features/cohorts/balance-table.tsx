"use client";

import type { SplitBalance } from "@crossread/db/cohorts";
import { count, percent } from "../../components/format.ts";
import { SiteName } from "../../components/site-name.tsx";
import { Cell, Head, Row, Table } from "../../components/table.tsx";
import { splitLabels } from "../metrics/metric-name.ts";
import { useSites } from "../metrics/use-sites.ts";

const splits = ["train", "tuning", "internal-test", "external-test"] as const;

/** Patients per site and split, with the share that is malignant drawn below the number. */
export function BalanceTable(props: { balances: readonly SplitBalance[] }) {
  const sites = useSites();
  const shown = splits.filter((split) => props.balances.some((balance) => balance.split === split));
  const siteIds = [...new Set(sites.sorted(props.balances).map((balance) => balance.siteId))];
  const sum = (balances: readonly SplitBalance[]) => ({
    subjectCount: balances.reduce((total, one) => total + one.subjectCount, 0),
    malignantSubjectCount: balances.reduce<number | null>(
      (total, { malignantSubjectCount: one }) => (total === null || one === null ? null : total + one),
      0,
    ),
    imageCount: balances.reduce((total, one) => total + one.imageCount, 0),
  });
  return (
    <Table label="Patients per site and split">
      <thead>
        <tr>
          <Head>Site</Head>
          {shown.map((split) => (
            <Head key={split} isNumeric>
              {splitLabels[split]}
            </Head>
          ))}
          <Head isNumeric>All</Head>
        </tr>
      </thead>
      <tbody>
        {siteIds.map((siteId) => {
          const site = sites.find(siteId);
          const ofSite = props.balances.filter((balance) => balance.siteId === siteId);
          return (
            <Row key={siteId}>
              <Cell>{site === undefined ? "Unknown site" : <SiteName site={site} />}</Cell>
              {shown.map((split) => (
                <BalanceCell key={split} {...sum(ofSite.filter((balance) => balance.split === split))} />
              ))}
              <BalanceCell {...sum(ofSite)} />
            </Row>
          );
        })}
        <Row className="bg-slate-50">
          <Cell className="font-medium">All sites</Cell>
          {shown.map((split) => (
            <BalanceCell key={split} {...sum(props.balances.filter((balance) => balance.split === split))} />
          ))}
          <BalanceCell {...sum(props.balances)} />
        </Row>
      </tbody>
    </Table>
  );
}

function BalanceCell(props: {
  subjectCount: number;
  malignantSubjectCount: number | null;
  imageCount: number;
}) {
  const { malignantSubjectCount } = props;
  const share = props.subjectCount === 0 ? 0 : (malignantSubjectCount ?? 0) / props.subjectCount;
  return (
    <Cell isNumeric className="whitespace-nowrap">
      <span className="font-medium">{count(props.subjectCount)}</span>{" "}
      <span className="text-xs text-slate-600">patients</span>
      {malignantSubjectCount === null ? (
        <span className="block text-xs text-slate-500">classes after your reading</span>
      ) : (
        <>
          <span className="mt-1 flex h-1.5 overflow-hidden rounded-full bg-benign" aria-hidden>
            <span className="bg-malignant" style={{ width: `${share * 100}%` }} />
          </span>
          <span className="text-xs text-slate-600">
            {count(malignantSubjectCount)} malignant ({percent(share)})
          </span>
        </>
      )}
      <span className="block text-xs text-slate-500">{count(props.imageCount)} images</span>
    </Cell>
  );
}
