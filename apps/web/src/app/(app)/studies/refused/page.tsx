import type { Metadata } from "next";
import { RefusedFiles } from "../../../../features/quarantine/refused-files.tsx";

export const metadata: Metadata = { title: "Refused files" };

export default function Page() {
  return <RefusedFiles />;
}
