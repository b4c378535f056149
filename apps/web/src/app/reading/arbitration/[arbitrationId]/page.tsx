import type { Metadata } from "next";
import { ArbitrationRoom } from "../../../../features/arbitration/arbitration-room-loader.tsx";

export const metadata: Metadata = { title: "Arbitration" };

export default async function ArbitrationPage(props: { params: Promise<{ arbitrationId: string }> }) {
  const { arbitrationId } = await props.params;
  return <ArbitrationRoom arbitrationId={arbitrationId} />;
}
