import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { z } from "zod";
import { RoundView } from "../../../../features/validation/round-view.tsx";

export const metadata: Metadata = { title: "Validation round" };

export default async function Page(props: { params: Promise<{ validationRoundId: string }> }) {
  const { validationRoundId } = await props.params;
  if (!z.uuid().safeParse(validationRoundId).success) notFound();
  return <RoundView validationRoundId={validationRoundId} />;
}
