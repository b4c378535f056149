import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { z } from "zod";
import { DiscordanceSection } from "../../../../features/arbitration/discordance-section.tsx";
import { ReaderStudyResults } from "../../../../features/reading/reader-study-results.tsx";

export const metadata: Metadata = { title: "Results of a reader study" };

export default async function Page(props: { params: Promise<{ readerStudyId: string }> }) {
  const { readerStudyId } = await props.params;
  if (!z.uuid().safeParse(readerStudyId).success) notFound();
  return (
    <>
      <ReaderStudyResults readerStudyId={readerStudyId} />
      <DiscordanceSection readerStudyId={readerStudyId} />
    </>
  );
}
