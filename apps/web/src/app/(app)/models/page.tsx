import type { Metadata } from "next";
import { CheckpointList } from "../../../features/models/checkpoint-list.tsx";

export const metadata: Metadata = { title: "Models" };

export default function Page() {
  return <CheckpointList />;
}
