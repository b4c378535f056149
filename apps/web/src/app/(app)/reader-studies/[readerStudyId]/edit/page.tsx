import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { z } from "zod";
import { ReaderStudyForm } from "../../../../../features/reading/reader-study-form.tsx";

export const metadata: Metadata = { title: "Change a reader study" };

export default async function Page(props: { params: Promise<{ readerStudyId: string }> }) {
  const { readerStudyId } = await props.params;
  if (!z.uuid().safeParse(readerStudyId).success) notFound();
  return <ReaderStudyForm readerStudyId={readerStudyId} />;
}
