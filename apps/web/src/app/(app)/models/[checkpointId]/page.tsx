import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { z } from "zod";
import { CheckpointView } from "../../../../features/models/checkpoint-view.tsx";

export const metadata: Metadata = { title: "Checkpoint" };

export default async function Page(props: { params: Promise<{ checkpointId: string }> }) {
  const { checkpointId } = await props.params;
  if (!z.uuid().safeParse(checkpointId).success) notFound();
  return <CheckpointView checkpointId={checkpointId} />;
}
