import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { z } from "zod";
import { CohortView } from "../../../../features/cohorts/cohort-view.tsx";

export const metadata: Metadata = { title: "Cohort" };

export default async function Page(props: { params: Promise<{ cohortId: string }> }) {
  const { cohortId } = await props.params;
  if (!z.uuid().safeParse(cohortId).success) notFound();
  return <CohortView cohortId={cohortId} />;
}
