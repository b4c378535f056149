import type { Metadata } from "next";
import { CohortBuilder } from "../../../../features/cohorts/cohort-builder.tsx";

export const metadata: Metadata = { title: "New cohort" };

export default function Page() {
  return <CohortBuilder />;
}
