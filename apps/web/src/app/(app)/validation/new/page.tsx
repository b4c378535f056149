import type { Metadata } from "next";
import { RoundForm } from "../../../../features/validation/round-form.tsx";

export const metadata: Metadata = { title: "New validation round" };

export default function Page() {
  return <RoundForm />;
}
