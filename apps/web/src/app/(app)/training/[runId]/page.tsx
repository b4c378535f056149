import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { z } from "zod";
import { RunView } from "../../../../features/training/run-view.tsx";

export const metadata: Metadata = { title: "Training run" };

export default async function Page(props: { params: Promise<{ runId: string }> }) {
  const { runId } = await props.params;
  if (!z.uuid().safeParse(runId).success) notFound();
  return <RunView runId={runId} />;
}
