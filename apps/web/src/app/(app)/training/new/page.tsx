import type { Metadata } from "next";
import { LaunchForm } from "../../../../features/training/launch-form.tsx";

export const metadata: Metadata = { title: "Launch a run" };

export default function Page() {
  return <LaunchForm />;
}
