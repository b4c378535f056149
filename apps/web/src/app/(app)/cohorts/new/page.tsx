import type { Metadata } from "next";
import { CohortBuilder } from "../../../../features/cohorts/cohort-builder.tsx";
import { ForRolesOf } from "../../../../features/shell/for-roles-of.tsx";

export const metadata: Metadata = { title: "New cohort" };

export default function Page() {
  return (
    <ForRolesOf procedure="cohorts.create">
      <CohortBuilder />
    </ForRolesOf>
  );
}
