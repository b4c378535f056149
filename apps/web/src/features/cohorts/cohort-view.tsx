"use client";

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { BackLink } from "../../components/back-link.tsx";
import { Badge } from "../../components/badge.tsx";
import { Button } from "../../components/button.tsx";
import { ConfirmDialog } from "../../components/confirm-dialog.tsx";
import { count, dateTime } from "../../components/format.ts";
import { PageHeader, Section } from "../../components/page-header.tsx";
import { Pseudonym } from "../../components/pseudonym.tsx";
import { QueryView } from "../../components/query-view.tsx";
import { useTRPC, type Outputs } from "../../trpc/client.ts";
import { useIsPlatformAdmin } from "../shell/use-actor.ts";
import { BalanceTable } from "./balance-table.tsx";
import { GuardianSection } from "./guardian-section.tsx";
import { MemberTable } from "./member-table.tsx";

type Cohort = Outputs["cohorts"]["load"];

export function CohortView(props: { cohortId: string }) {
  const query = useQuery(useTRPC().cohorts.load.queryOptions({ cohortId: props.cohortId }));
  return (
    <QueryView query={query} rows={8}>
      {(cohort) => (
        <>
          <CohortHeader cohort={cohort} />
          <Section
            title="Balance per split"
            lead="Patients and images; a patient counts as malignant if any breast is. Blue benign, orange malignant."
          >
            <BalanceTable balances={cohort.balances} />
          </Section>
          <GuardianSection cohortId={cohort.cohortId} isFrozen={cohort.frozenAt !== null} />
          <MemberTable cohortId={cohort.cohortId} />
        </>
      )}
    </QueryView>
  );
}

function CohortHeader(props: { cohort: Cohort }) {
  const { cohort } = props;
  const isAdmin = useIsPlatformAdmin();
  const [isFreezing, setFreezing] = useState(false);
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const freeze = useMutation(
    trpc.cohorts.freeze.mutationOptions({
      onSuccess: async () => {
        setFreezing(false);
        await queryClient.invalidateQueries(trpc.cohorts.pathFilter());
      },
    }),
  );
  return (
    <>
      <PageHeader
        title={cohort.name}
        back={<BackLink href="/cohorts">Cohorts</BackLink>}
        lead={
          <>
            {cohort.purpose === "" ? null : <p>{cohort.purpose}</p>}
            <p>
              {count(cohort.subjectCount)} patients, {count(cohort.caseCount)} cases, seed {cohort.seed}.{" "}
              {cohort.frozenAt === null ? (
                <Badge>draft</Badge>
              ) : (
                <>
                  Frozen {dateTime(cohort.frozenAt)}, digest{" "}
                  <span className="break-all">
                    <Pseudonym>{cohort.digest ?? ""}</Pseudonym>
                  </span>
                </>
              )}
            </p>
          </>
        }
        actions={
          isAdmin && cohort.frozenAt === null ? (
            <Button emphasis="primary" onClick={() => setFreezing(true)}>
              Freeze
            </Button>
          ) : null
        }
      />
      {isFreezing ? (
        <ConfirmDialog
          title={`Freeze ${cohort.name}?`}
          confirmLabel="Freeze for good"
          keepLabel="Keep as draft"
          isBusy={freeze.isPending}
          error={freeze.error?.message}
          onClose={() => setFreezing(false)}
          onConfirm={() => freeze.mutate({ cohortId: cohort.cohortId })}
        >
          The membership of {count(cohort.subjectCount)} patients is fixed for good and named by a digest. It
          cannot be thawed; training and validation take frozen cohorts only.
        </ConfirmDialog>
      ) : null}
    </>
  );
}
