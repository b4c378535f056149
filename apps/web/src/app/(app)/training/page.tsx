import type { Metadata } from "next";
import { RunList } from "../../../features/training/run-list.tsx";

export const metadata: Metadata = { title: "Training" };

export default function Page() {
  return <RunList />;
}
