import type { Metadata } from "next";
import { RoundList } from "../../../features/validation/round-list.tsx";

export const metadata: Metadata = { title: "Validation" };

export default function Page() {
  return <RoundList />;
}
