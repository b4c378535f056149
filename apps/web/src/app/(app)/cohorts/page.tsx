import type { Metadata } from "next";
import { CohortList } from "../../../features/cohorts/cohort-list.tsx";

export const metadata: Metadata = { title: "Cohorts" };

export default function Page() {
  return <CohortList />;
}
