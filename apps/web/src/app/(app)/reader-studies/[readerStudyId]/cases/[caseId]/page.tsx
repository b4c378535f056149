import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { z } from "zod";
import { CaseRecord } from "../../../../../../features/arbitration/case-record.tsx";

export const metadata: Metadata = { title: "Readings and arbitration of a case" };

export default async function Page(props: { params: Promise<{ readerStudyId: string; caseId: string }> }) {
  const params = await props.params;
  const parsed = z.object({ readerStudyId: z.uuid(), caseId: z.uuid() }).safeParse(params);
  if (!parsed.success) notFound();
  return <CaseRecord {...parsed.data} />;
}
