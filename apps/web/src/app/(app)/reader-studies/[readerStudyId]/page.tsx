import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { z } from "zod";
import { DiscordanceSection } from "../../../../features/arbitration/discordance-section.tsx";
import { ReaderStudyPage } from "../../../../features/reading/reader-study-page.tsx";

export const metadata: Metadata = { title: "Reader study" };

export default async function Page(props: { params: Promise<{ readerStudyId: string }> }) {
  const { readerStudyId } = await props.params;
  if (!z.uuid().safeParse(readerStudyId).success) notFound();
  return (
    <>
      <ReaderStudyPage readerStudyId={readerStudyId} />
      <DiscordanceSection readerStudyId={readerStudyId} />
    </>
  );
}
