"use client";

import { splitSchema, type Split } from "@crossread/contracts/split";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { useState } from "react";
import { Badge } from "../../components/badge.tsx";
import { EmptyState } from "../../components/empty-state.tsx";
import { Select } from "../../components/form-field.tsx";
import { Pager } from "../../components/pager.tsx";
import { Section } from "../../components/page-header.tsx";
import { Pseudonym } from "../../components/pseudonym.tsx";
import { QueryView } from "../../components/query-view.tsx";
import { SiteName } from "../../components/site-name.tsx";
import { Cell, Head, Row, Table } from "../../components/table.tsx";
import { useTRPC, type Outputs } from "../../trpc/client.ts";
import { splitLabels } from "../metrics/metric-name.ts";
import { useSites } from "../metrics/use-sites.ts";
import { useSelectedSite } from "../shell/selected-site.ts";

type Member = Outputs["cohorts"]["members"]["rows"][number];

export function MemberTable(props: { cohortId: string }) {
  const [split, setSplit] = useState<Split>();
  const [offset, setOffset] = useState(0);
  const site = useSelectedSite();
  const query = useQuery(
    useTRPC().cohorts.members.queryOptions(
      { cohortId: props.cohortId, split, siteId: site?.siteId, offset },
      { placeholderData: keepPreviousData },
    ),
  );
  return (
    <Section
      title="Members"
      lead="Patients of the sites at which you have a role, by pseudonym."
      actions={
        <Select
          aria-label="Split"
          className="w-40"
          value={split ?? ""}
          onChange={(event) => {
            const parsed = splitSchema.safeParse(event.target.value);
            setSplit(parsed.success ? parsed.data : undefined);
            setOffset(0);
          }}
        >
          <option value="">All splits</option>
          {splitSchema.options.map((option) => (
            <option key={option} value={option}>
              {splitLabels[option]}
            </option>
          ))}
        </Select>
      }
    >
      <QueryView query={query}>
        {({ rows, totalCount }) =>
          rows.length === 0 ? (
            <EmptyState title="No members to show">
              This split is empty, or its patients belong to sites at which you have no role.
            </EmptyState>
          ) : (
            <>
              <Table label="Members of the cohort" maxHeight="60vh">
                <thead>
                  <tr>
                    <Head>Patient</Head>
                    <Head>Site</Head>
                    <Head>Split</Head>
                    <Head>Cases</Head>
                    <Head isNumeric>Images</Head>
                    <Head>Reference standard</Head>
                  </tr>
                </thead>
                <tbody>
                  {rows.map((member) => (
                    <MemberRow key={`${member.siteId} ${member.pseudonym}`} member={member} />
                  ))}
                </tbody>
              </Table>
              <Pager
                offset={offset}
                pageSize={50}
                shownCount={rows.length}
                totalCount={totalCount}
                onMove={setOffset}
              />
            </>
          )
        }
      </QueryView>
    </Section>
  );
}

/** As everywhere: the right breast on the left. */
const rightFirst = (a: { laterality: string }, b: { laterality: string }): number =>
  b.laterality.localeCompare(a.laterality);

function MemberRow(props: { member: Member }) {
  const { member } = props;
  const site = useSites().find(member.siteId);
  return (
    <Row>
      <Cell>
        <Pseudonym>{member.pseudonym}</Pseudonym>
      </Cell>
      <Cell>{site === undefined ? null : <SiteName site={site} />}</Cell>
      <Cell>{splitLabels[member.split]}</Cell>
      <Cell>
        {member.cases.map((one) => (
          <Link
            key={one.caseId}
            href={`/studies/${one.studyId}`}
            className="mr-2 text-accent-700 hover:underline"
          >
            <code className="font-mono text-[13px]">{one.label}</code>
          </Link>
        ))}
      </Cell>
      <Cell isNumeric>{member.cases.reduce((sum, one) => sum + one.imageCount, 0)}</Cell>
      <Cell>
        <span className="flex flex-wrap gap-1">
          {member.cases.map((one) =>
            one.findings === null ? (
              <Badge key={one.caseId}>hidden until you have read it</Badge>
            ) : (
              one.findings.toSorted(rightFirst).map(({ laterality, finding }) => (
                <Badge
                  key={`${one.caseId} ${laterality}`}
                  tone={finding === "malignant" ? "malignant" : finding === "benign" ? "benign" : "neutral"}
                >
                  {laterality} {finding}
                </Badge>
              ))
            ),
          )}
        </span>
      </Cell>
    </Row>
  );
}
