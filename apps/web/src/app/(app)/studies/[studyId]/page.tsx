import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { z } from "zod";
import { StudyView } from "../../../../features/studies/study-view.tsx";

export const metadata: Metadata = { title: "Study" };

export default async function Page(props: { params: Promise<{ studyId: string }> }) {
  const { studyId } = await props.params;
  if (!z.uuid().safeParse(studyId).success) notFound();
  return <StudyView studyId={studyId} />;
}
