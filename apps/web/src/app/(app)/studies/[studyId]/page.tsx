import type { Metadata } from "next";
import { StudyView } from "../../../../features/studies/study-view.tsx";

export const metadata: Metadata = { title: "Study" };

export default async function Page(props: { params: Promise<{ studyId: string }> }) {
  const { studyId } = await props.params;
  return <StudyView studyId={studyId} />;
}
