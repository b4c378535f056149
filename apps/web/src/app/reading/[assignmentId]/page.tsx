import { ReadingRoom } from "../../../features/reading/reading-room-loader.tsx";

export default async function CasePage(props: { params: Promise<{ assignmentId: string }> }) {
  const { assignmentId } = await props.params;
  return <ReadingRoom assignmentId={assignmentId} />;
}
